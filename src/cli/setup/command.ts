import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { runChecks } from '../doctor/check.ts';
import { allChecks } from '../doctor/checks.ts';
import { openFacts } from '../doctor/command.ts';
import { causeShape, reportOf } from '../doctor/report.ts';
import { findDeployment } from '../deployment.ts';
import { readSecretFile } from '../secrets/values.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import { accountSteps } from './account.ts';
import type { Did, State, Step } from './state.ts';
import { workerSteps } from './worker.ts';

/** `setup`. */
export const setupCommand: Command = {
  name: 'setup',
  summary: 'Deploy for the first time, step by step, then run doctor',
  details: [
    'Picks the account, makes the gateway and the KV namespace, writes their ids into wrangler.toml, deploys, sets the',
    'secrets, makes a first caller and its key, runs doctor, prints a curl. Each step looks first whether it is done: run it',
    'again whenever it stopped. Tokens cannot be made for you: it says which, and takes them without showing them.',
  ],
  operands: [],
  options: {
    env: { value: '<name>', says: 'an environment of wrangler.toml (default: its top level)' },
    account: { value: '<id>', says: 'the account, where the login reaches several' },
    secrets: { value: '<file>', says: 'a .env file with the values of the secrets' },
    caller: { value: '<name>', says: 'the first caller (default: first; with --yes none)' },
    'no-calls': { says: 'doctor calls no model' },
    yes: { says: 'without asking, for CI; doctor calls the models' },
  },
  json: [
    'steps: [{ step, did: boolean, says }]',
    'url, key: of the caller, shown this once',
    'findings: as doctor has them',
    causeShape,
  ],
  examples: ['setup', 'setup --env staging', 'setup --env staging --secrets staging.env --caller ci --yes --json'],
  run: setup,
};

const steps: readonly Step[] = [...accountSteps, ...workerSteps];

/** One step as it went. */
interface Taken {
  readonly step: string;
  readonly did: boolean;
  readonly says: string;
}

async function setup(asked: Asked, desk: Desk): Promise<Outcome> {
  const taken: Taken[] = [];
  let state = openState(asked, desk);
  for (const step of steps) {
    desk.progress(`Looking at ${step.name} ...`);
    const { did, says, learned } = await take(step, state);
    taken.push({ step: step.name, did, says });
    desk.show(plainText(`${(did ? 'done' : 'there').padEnd(6)} ${step.name}: ${says}`));
    state = { ...state, ...learned };
  }
  desk.show('');
  return finish(state, taken);
}

function openState(asked: Asked, desk: Desk): State {
  const env = asked.values.get('env');
  // A file that nobody named, .dev.vars, holds what development uses.
  const secrets = asked.values.get('secrets');
  const place = { remote: true, ...(env !== undefined && { env }) };
  return {
    asked,
    desk,
    place,
    environment: findDeployment(desk.world.folder, place),
    accounts: [],
    values: secrets === undefined ? new Map() : readSecretFile(desk.world.folder, secrets),
    url: '',
    callerKey: '',
  };
}

async function take({ name, plan }: Step, state: State): Promise<Did & { did: boolean }> {
  const planned = await plan(state);
  if (planned.kind === 'done') return { ...planned, did: false };
  try {
    await state.desk.confirm(planned.question);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    throw new Stop(
      1,
      `Stopped before ${name}: nobody said yes (--yes does). What was done before stays; router setup goes on from here.`,
      { cause: error },
    );
  }
  return { ...(await planned.act()), did: true };
}

/** Runs doctor over what was set up, and says how to call it. */
async function finish(state: State, taken: readonly Taken[]): Promise<Outcome> {
  const { asked, desk, url, values, callerKey } = state;
  const key = callerKey === '' ? (values.get('ROUTER_KEY') ?? '') : callerKey;
  const facts = {
    ...openFacts(asked, desk),
    url,
    values,
    valuesFrom: 'this set-up',
    valuesAreNamed: true,
    ...(key !== '' && { key }),
  };
  const report = reportOf(await runChecks(allChecks, facts), desk.paint);
  return {
    exitCode: report.exitCode,
    json: {
      steps: taken.map((one) => ({ ...one })),
      ...(url !== '' && { url }),
      ...(callerKey !== '' && { key: callerKey }),
      ...report.json,
    },
    text: [report.text, ...sayHow(state)].join('\n'),
  };
}

function sayHow({ url, callerKey, environment }: State): string[] {
  const base = url === '' ? `https://${environment.worker}.<subdomain>.workers.dev` : url;
  const key = callerKey === '' ? '<a key: router keys create <caller>>' : callerKey;
  return [
    '',
    ...(callerKey === '' ? [] : ['This is the only time that the key is shown. Try it:', '']),
    `export R=${base} K=${key}`,
    `curl -sN $R/v1/chat/completions -H "authorization: Bearer $K" -H 'content-type: application/json' \\`,
    `  -d '{"model":"@cf/zai-org/glm-4.7-flash","stream":true,"messages":[{"role":"user","content":"hi"}]}'`,
  ];
}
