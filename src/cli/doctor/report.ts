import type { Outcome } from '../command.ts';
import { plainText, sayCount, type Paint } from '../table.ts';
import type { Finding } from './check.ts';

/** What `--json` promises of the cause. */
export const causeShape = 'cause: { check, subject?, got, next? } the first that is broken, or null';

/** Findings as the outcome of a command: its last line is the one thing that is wrong. */
export function reportOf(findings: readonly Finding[], paint: Paint): Outcome {
  const cause = findings.find(({ result }) => result === 'broken');
  return {
    exitCode: cause === undefined ? 0 : 1,
    json: {
      findings: findings.map((finding) => ({ ...finding })),
      cause: cause === undefined ? null : causeJson(cause),
    },
    text: [sayFindings(findings, paint), '', sayCause(findings, cause, paint)].join('\n'),
  };
}

function causeJson({ check, subject, got, next }: Finding): { check: string; got: string } {
  return { check, ...(subject !== undefined && { subject }), got, ...(next !== undefined && { next }) };
}

const colours = { ok: 'green', warning: 'yellow', broken: 'red', skipped: 'dim' } as const;

/** One finding a line, what comes next below it. What others wrote must not move the cursor. */
function sayFindings(findings: readonly Finding[], paint: Paint): string {
  return findings
    .flatMap(({ check, subject, result, got, next }) => {
      const name = subject === undefined ? check : `${check} ${subject}`;
      const line = `${paint(colours[result], result.padEnd(8))} ${plainText(`${name}: ${got}`)}`;
      return next === undefined || result === 'ok' ? [line] : [line, `         Next: ${plainText(next)}`];
    })
    .join('\n');
}

/** The last line: the one thing that is wrong, or that nothing is. */
function sayCause(findings: readonly Finding[], cause: Finding | undefined, paint: Paint): string {
  const count = (result: Finding['result']): number => findings.filter((finding) => finding.result === result).length;
  if (cause === undefined) {
    const warnings = count('warning') === 0 ? '' : `, ${sayCount(count('warning'), 'warning')}`;
    const left = count('skipped') === 0 ? '' : `, ${count('skipped')} not looked at`;
    return paint('green', `Everything that was looked at works: ${count('ok')} ok${warnings}${left}.`);
  }
  const name = cause.subject === undefined ? cause.check : `${cause.check} ${cause.subject}`;
  return paint(
    'red',
    plainText(`The cause: ${name}: ${cause.got.replace(/\.$/, '')}. Next: ${cause.next ?? 'see above'}`),
  );
}
