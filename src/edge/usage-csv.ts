import { usageKeys } from '../ledger/usage.ts';
import type { CallerUsage, UsageReport } from './admin-usage.ts';

const counts = [
  'requests',
  'errors',
  'unpriced',
  'input',
  'cachedRead',
  'cachedWrite',
  'output',
  'reasoning',
] as const satisfies readonly (keyof CallerUsage)[];

/** A usage report as CSV (RFC 4180), with a header line: a line a row, money as US dollars. */
export function usageCsv({ by, lines }: Pick<UsageReport, 'by' | 'lines'>): string {
  const keys = usageKeys.filter((key) => by.includes(key));
  const rows = lines.map((line) => [
    ...(['caller', ...keys] as const).map((key) => cellOf(line[key] ?? '')),
    sayUsd(line.nanoUsd),
    ...counts.map((name) => String(line[name])),
  ]);
  return [['caller', ...keys, 'usd', ...counts], ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

/** Exact: nano-USD are nine digits behind the point. */
export function sayUsd(nanoUsd: number): string {
  const digits = String(nanoUsd).padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

/** Names of models are the callers' to choose: one that a spreadsheet would take for a formula gets an apostrophe. */
function cellOf(text: string): string {
  const isModel = /^@(cf|hf)\/[\w./-]+$/.test(text);
  const plain = !isModel && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
