import type * as z from 'zod/mini';
import { asJson } from '../core/json.ts';
import { Usage } from '../edge/admin-schema.ts';
import { sayUsd, usageCsv } from '../edge/usage-csv.ts';
import { usageKeys } from '../ledger/usage.ts';
import { adminOptions, openAdmin } from './admin.ts';
import type { Asked } from './asked.ts';
import type { Command, Desk, Outcome } from './command.ts';
import { plainText, sayTable } from './table.ts';

type Line = z.infer<typeof Usage>['lines'][number];

/** `usage`. */
export const usageCommand: Command = {
  name: 'usage',
  summary: 'Tell what callers used: requests, tokens, money',
  details: ['"unpriced" requests have usage whose price is not known: their cost is in no sum.'],
  operands: ['[caller]'],
  options: {
    ...adminOptions,
    from: { value: '<day>', says: 'first day, UTC, such as 2026-11-01 (default: 30 days to the last one)' },
    to: { value: '<day>', says: 'last day, UTC (default: today)' },
    by: { value: '<keys>', says: 'day, route, model, target with commas between; caller: by caller alone' },
    csv: { says: 'CSV on stdout' },
  },
  json: ['from, to, by, lines: [{ caller, day?, route?, model?, target?, requests, nanoUsd, input, output, ... }]'],
  examples: ['usage', 'usage billing --by day,model', 'usage --by caller --from 2026-11-01 --csv'],
  run: usage,
};

async function usage(asked: Asked, desk: Desk): Promise<Outcome> {
  const plane = openAdmin(asked, desk);
  const [caller] = asked.operands;
  const given = ['from', 'to', 'by'].flatMap((name) => {
    const value = asked.values.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const query = { ...Object.fromEntries(given), ...(caller !== undefined && { caller }) };
  let page = await plane.call({ method: 'GET', path: ['usage'], query, output: Usage });
  const { from, to } = page;
  const by = usageKeys.filter((key) => page.by.includes(key));
  const lines = [...page.lines];
  while (page.next !== undefined) {
    page = await plane.call({ method: 'GET', path: ['usage'], query: { ...query, after: page.next }, output: Usage });
    lines.push(...page.lines);
  }
  const csv = usageCsv({ by, lines }).trimEnd();
  const json = { from, to, by: [...by], lines: lines.map(asJson) };
  return { exitCode: 0, json, text: asked.flags.has('csv') ? csv : sayUsage({ from, to, by, lines }) };
}

interface Report {
  readonly from: string;
  readonly to: string;
  readonly by: readonly (typeof usageKeys)[number][];
  readonly lines: readonly Line[];
}

function sayUsage({ from, to, by, lines }: Report): string {
  if (lines.length === 0) return `Nothing was used from ${from} to ${to}.`;
  const rows = lines.map((line) => [
    ...(['caller', ...by] as const).map((key) => plainText(line[key] ?? '')),
    ...countsOf(line),
  ]);
  const names = ['caller', ...by];
  const head = [...names, 'requests', 'errors', 'input', 'output', 'usd', 'unpriced'];
  const total = ['all', ...by.map(() => ''), ...countsOf(sumOf(lines))];
  return `${sayTable([head, ...rows, ...(lines.length > 1 ? [total] : [])])}\n\n${from} to ${to}, UTC.`;
}

type Counts = Pick<Line, 'requests' | 'errors' | 'input' | 'output' | 'nanoUsd' | 'unpriced'>;

function countsOf({ requests, errors, input, output, nanoUsd, unpriced }: Counts): string[] {
  return [...[requests, errors, input, output].map(String), sayUsd(nanoUsd).slice(0, -3), String(unpriced)];
}

function sumOf(lines: readonly Line[]): Counts {
  const sum = (name: keyof Counts): number => lines.reduce((total, line) => total + line[name], 0);
  return {
    requests: sum('requests'),
    errors: sum('errors'),
    input: sum('input'),
    output: sum('output'),
    nanoUsd: sum('nanoUsd'),
    unpriced: sum('unpriced'),
  };
}
