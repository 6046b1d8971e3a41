import type { Desk } from './command.ts';
import { countFindings, hasFaults, sayFindings, type Finding } from './policy/finding.ts';
import { Stop } from './stop.ts';

/** Shows what was found in files that declare something, and ends the command where a fault is among it. */
export function requireNoFault(
  findings: readonly Finding[],
  { what, whose }: { readonly what: string; readonly whose: string },
  { show, paint }: Pick<Desk, 'show' | 'paint'>,
): void {
  if (findings.length > 0) show(`${sayFindings(findings, paint)}\n`);
  if (!hasFaults(findings)) return;
  throw new Stop(1, `Cannot ${what}: ${whose} have ${countFindings(findings)}. Mend them.`, {
    json: { findings: findings.map((finding) => ({ ...finding })) },
  });
}
