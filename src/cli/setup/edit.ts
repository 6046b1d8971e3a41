import { parse } from 'smol-toml';
import { configFile, deploymentOf, type Deployment } from '../deployment.ts';
import { Stop } from '../stop.ts';

/** What is filled into one environment of `wrangler.toml`. */
export interface Filling {
  readonly accountId?: string;
  /** Id of the namespace bound as `POLICY`. */
  readonly policyId?: string;
}

/**
 * Fills ids into the text of `wrangler.toml` and leaves every other character as it is, comments too. Throws {@link Stop}
 * where the file is written in a way that this does not reach.
 */
export function fillConfig(text: string, name: string | undefined, filling: Filling): string {
  const { accountId, policyId } = filling;
  const withAccount = accountId === undefined ? text : fillVariable(text, name, accountId);
  const filled = policyId === undefined ? withAccount : fillNamespace(withAccount, name, policyId);
  const read = deploymentOf({ file: configFile, text: filled, whole: parse(filled) }, name);
  if (holds(read, filling)) return filled;
  const what = [
    ...(accountId === undefined ? [] : [`CLOUDFLARE_ACCOUNT_ID = "${accountId}" under [${sectionOf(name, 'vars')}]`]),
    ...(policyId === undefined ? [] : [`id = "${policyId}" under [[${sectionOf(name, 'kv_namespaces')}]]`]),
  ].join(' and ');
  throw new Stop(
    1,
    `Cannot fill in ${configFile}: it has no place for it that can be found. Write ${what}, then run router setup again.`,
  );
}

function holds({ vars, policyId }: Deployment, filling: Filling): boolean {
  return (
    (filling.accountId === undefined || vars['CLOUDFLARE_ACCOUNT_ID'] === filling.accountId) &&
    (filling.policyId === undefined || policyId === filling.policyId)
  );
}

function fillVariable(text: string, name: string | undefined, accountId: string): string {
  return editTables(text, sectionOf(name, 'vars'), (lines) => setKey(lines, 'CLOUDFLARE_ACCOUNT_ID', accountId));
}

function fillNamespace(text: string, name: string | undefined, policyId: string): string {
  return editTables(text, sectionOf(name, 'kv_namespaces'), (lines) =>
    lines.some((line) => /^\s*binding\s*=\s*["']POLICY["']/.test(line)) ? setKey(lines, 'id', policyId) : lines,
  );
}

function sectionOf(name: string | undefined, section: string): string {
  return name === undefined ? section : `env.${name}.${section}`;
}

/** Edits the lines of every table with this head; the head's own line is the first of them. */
function editTables(text: string, head: string, edit: (lines: readonly string[]) => readonly string[]): string {
  const tables: string[][] = [[]];
  for (const line of text.split('\n')) {
    if (headOf(line) !== undefined) tables.push([]);
    tables.at(-1)?.push(line);
  }
  return tables.flatMap((lines) => (headOf(lines[0] ?? '') === head ? edit(lines) : lines)).join('\n');
}

function headOf(line: string): string | undefined {
  return /^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}/.exec(line)?.[1];
}

/** Replaces the value of a key and keeps what stands behind it. */
function setKey(lines: readonly string[], key: string, value: string): string[] {
  const pattern = new RegExp(`^(\\s*${key}\\s*=\\s*)(?:"[^"]*"|'[^']*')`);
  return lines.map((line) => line.replace(pattern, (_, before: string) => `${before}"${value}"`));
}
