import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { readKey, readUrl } from '../reach.ts';
import { plainText, sayCount, type Paint } from '../table.ts';
import { findingsShape, runChecks, type Finding } from './check.ts';
import type { Facts } from './facts.ts';
import { outsideChecks } from './outside.ts';

/** `doctor`. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Find out what works and the one thing that is wrong',
  details: [
    'With --url: what can be seen of a deployed router from outside, with a key of a caller.',
    'Each route is called once, with at most 16 tokens, after asking; nothing before that costs money.',
  ],
  operands: [],
  options: {
    url: { value: '<url>', says: 'look at a deployed router from outside' },
    'key-file': { value: '<file>', says: "a file that holds a caller's key (default: the variable ROUTER_KEY)" },
    models: { value: '<names>', says: 'call these, with commas between (default: every route, one Workers AI model)' },
    'no-calls': { says: 'call no model' },
    yes: { says: 'call the models without asking' },
  },
  json: [findingsShape, 'cause: { check, subject?, got, next? } the first that is broken, or null'],
  examples: ['doctor --url https://router.example.com', 'doctor --url https://router.example.com --no-calls --json'],
  run: doctor,
};

async function doctor(asked: Asked, desk: Desk): Promise<Outcome> {
  const findings = await runChecks(outsideChecks, openFacts(asked, desk));
  const cause = findings.find(({ result }) => result === 'broken');
  return {
    exitCode: cause === undefined ? 0 : 1,
    json: {
      findings: findings.map((finding) => ({ ...finding })),
      cause: cause === undefined ? null : causeJson(cause),
    },
    text: [sayFindings(findings, desk.paint), '', sayCause(findings, cause, desk.paint)].join('\n'),
  };
}

function causeJson({ check, subject, got, next }: Finding): { check: string; got: string } {
  return { check, ...(subject !== undefined && { subject }), got, ...(next !== undefined && { next }) };
}

function openFacts(asked: Asked, desk: Desk): Facts {
  const { values } = asked;
  const key = readKey(values.get('key-file'), desk.world, { variable: 'ROUTER_KEY', secret: 'ROUTER_KEY' });
  const env = values.get('env');
  return {
    asked,
    desk,
    where: env === undefined ? '' : ` --env ${env}`,
    url: readUrl(values.get('url') ?? ''),
    key: key ?? '',
    models: [],
    explained: [],
  };
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
  return paint('red', plainText(`The cause: ${name}: ${cause.got}. Next: ${cause.next ?? 'see above'}`));
}
