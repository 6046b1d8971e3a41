import { Stop } from '../stop.ts';
import type { Facts } from './facts.ts';

/** What one check came to. */
export interface Finding {
  readonly check: string;
  /** What of several it is about: a route, a provider. */
  readonly subject?: string;
  readonly result: 'ok' | 'warning' | 'broken' | 'skipped';
  readonly tried: string;
  /** Status, code and plain words; never a secret. */
  readonly got: string;
  /** The command or the place in the dashboard that comes next. */
  readonly next?: string;
}

/** What `--json` promises of findings. */
export const findingsShape =
  'findings: [{ check, subject?, result: "ok" | "warning" | "broken" | "skipped", tried, got, next? }]';

/** A finding as a check gives it. */
export type Seen = Omit<Finding, 'check' | 'tried'> & { readonly tried?: string };

/** What a check found, and what the later checks go by. */
export interface Checked {
  readonly seen: readonly Seen[];
  readonly learned?: Partial<Facts>;
}

/** One check: a row of a list that is run from top to bottom. */
export interface Check {
  readonly name: string;
  /** Names of earlier checks that must not have failed. */
  readonly needs: readonly string[];
  /** What it tries, in words. */
  readonly tries: string;
  /** What to run where it ends with a `Stop`, whose message then says what is wrong. */
  readonly next: string;
  readonly run: (facts: Facts) => Promise<Checked>;
}

/** Runs the checks in order; one whose need failed is skipped and says because of which. */
export async function runChecks(checks: readonly Check[], first: Facts): Promise<Finding[]> {
  const findings: Finding[] = [];
  let facts = first;
  for (const check of checks) {
    const failed = check.needs.find((need) => findings.some((finding) => finding.check === need && isBlocked(finding)));
    if (failed !== undefined) {
      findings.push({ check: check.name, result: 'skipped', tried: check.tries, got: `needs ${failed}` });
      continue;
    }
    facts.desk.progress(`Checking ${check.name}: ${check.tries} ...`);
    const { seen, learned } = await runCheck(check, facts);
    findings.push(...seen.map((one) => ({ check: check.name, tried: check.tries, ...one, got: hide(one.got, facts) })));
    facts = { ...facts, ...learned };
  }
  return findings;
}

/** Takes secrets out of words that others chose: an answer may quote what it was sent. */
function hide(text: string, { values, key }: Facts): string {
  const secrets = [...values, ['key', key] as const].filter(([, value]) => value.length > 3);
  return secrets.reduce((clean, [name, value]) => clean.replaceAll(value, `[${name}]`), text);
}

/** One of several that is broken does not block what looks at the others. */
function isBlocked({ result, subject }: Finding): boolean {
  return subject === undefined && (result === 'broken' || result === 'skipped');
}

async function runCheck(check: Check, facts: Facts): Promise<Checked> {
  const checked = await attempt(async () => check.run(facts));
  return checked instanceof Stop ? broken(oneLine(checked), check.next) : checked;
}

/** What a step gives, or the refusal that it ends with. */
export async function attempt<T>(step: () => Promise<T>): Promise<T | Stop> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Stop) return error;
    throw error;
  }
}

/** A refusal in one line: wrangler's words take several. */
export function oneLine({ message }: Stop): string {
  return message.replace(/\s*\n\s*/g, ' ');
}

/** A check's single good finding. */
export function fine(got: string, learned?: Partial<Facts>): Checked {
  return { seen: [{ result: 'ok', got }], ...(learned !== undefined && { learned }) };
}

/** A check's single bad finding. */
export function broken(got: string, next: string, learned?: Partial<Facts>): Checked {
  return { seen: [{ result: 'broken', got, next }], ...(learned !== undefined && { learned }) };
}

/** A check that had nothing to look at, or was told not to look. */
export function skipped(got: string, next?: string): Checked {
  return { seen: [{ result: 'skipped', got, ...(next !== undefined && { next }) }] };
}
