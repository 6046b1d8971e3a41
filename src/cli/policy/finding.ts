import { plainText, sayCount, sayTable, type Paint } from '../table.ts';
import type { PolicyFile } from './folder.ts';
import type { Position } from './source.ts';

/** One thing that a check found. Faults keep policies out of KV, warnings do not. */
export interface Finding extends Position {
  readonly level: 'fault' | 'warning';
  /** The file's path; the KV key where the policy came out of KV. */
  readonly file: string;
  /** Where in the value: `targets[0].secret`; empty for the value as a whole. */
  readonly path: string;
  readonly message: string;
}

/** What `--json` promises of findings. */
export const findingsShape = 'findings: [{ level: "fault" | "warning", file, line, column, path, message }]';

/** A finding about the value under a path of a file. */
export function findingAt(
  file: Pick<PolicyFile, 'path' | 'source'>,
  found: { level?: Finding['level']; path: readonly PropertyKey[]; name?: string; message: string },
): Finding {
  const { level = 'fault', path, name, message } = found;
  const { line, column } = name === undefined ? file.source.positionOf(path) : file.source.positionOfName(path, name);
  return { level, file: file.path, line, column, path: sayPath(path), message };
}

/** Findings for people, one a line, as compilers and editors write them. */
export function sayFindings(findings: readonly Finding[], paint: Paint): string {
  return sayTable(
    findings.map(({ level, file, line, column, path, message }) => [
      plainText(`${file}:${line}:${column}`),
      paint(level === 'fault' ? 'red' : 'yellow', level),
      plainText(path === '' ? message : `${path}: ${message}`),
    ]),
  );
}

/** `2 faults, 1 warning`. */
export function countFindings(findings: readonly Finding[]): string {
  const faults = findings.filter(({ level }) => level === 'fault').length;
  const warnings = findings.length - faults;
  const said = [
    ...(faults > 0 ? [sayCount(faults, 'fault')] : []),
    ...(warnings > 0 ? [sayCount(warnings, 'warning')] : []),
  ];
  return said.length === 0 ? 'no faults' : said.join(', ');
}

/** Whether anything was found that keeps the policies out of KV. */
export function hasFaults(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === 'fault');
}

/** `targets[0].secret` */
export function sayPath(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '');
}
