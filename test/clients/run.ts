/**
 * Drives real, unmodified clients against the router with the stand-in behind it: `npm run test:clients`,
 * `-- --client opencode`, `-- --scenario cut`, `-- --list`. Under `CI=true` a required client that cannot be installed is a
 * failure; elsewhere it is told and left out.
 */
import { parseArgs } from 'node:util';
import { sayTable } from '../../src/cli/table.ts';
import { blockRows, runBlock, type BlockResult, type BlockRow } from './blocks.ts';
import { findFaults } from './check.ts';
import { clients, type Client } from './clients.ts';
import { install } from './install.ts';
import { canHold, isHeld, runHeld } from './loopback.ts';
import { startRouter, type RunningRouter } from './router.ts';
import { homeModels, scenarios, type Scenario } from './scenarios.ts';
import { openSession, type Session } from './session.ts';
import type { Said, Task } from './task.ts';

/** What one scenario came to with one client. */
type Result =
  | { readonly kind: 'passed' }
  | { readonly kind: 'without' }
  | { readonly kind: 'failed'; readonly faults: readonly string[] };

/** What one client came to: a result a scenario, or why it was left out. */
type Row = ReadonlyMap<string, Result> | string;

const { values: options } = parseArgs({
  options: { client: { type: 'string' }, scenario: { type: 'string' }, list: { type: 'boolean' } },
});
process.exitCode = options.list === true ? list() : await main();

function list(): number {
  console.log(clients.map(({ name }) => name).join('\n'));
  console.log(`\n${sayTable(scenarios.map(({ name, says }) => [name, says]))}`);
  return 0;
}

async function main(): Promise<number> {
  const isChosen = ({ name }: { name: string }): boolean =>
    options.client === undefined || name.startsWith(options.client);
  const chosen = clients.filter(isChosen);
  // A block is one scenario of its own.
  const blocks = options.scenario === undefined ? blockRows.filter(isChosen) : [];
  const asked = scenarios.filter(({ name }) => options.scenario === undefined || name === options.scenario);
  if (chosen.length + blocks.length === 0 || asked.length === 0) {
    console.error('Cannot run: there is no such client or scenario. npm run test:clients -- --list shows them.');
    return 2;
  }
  if (!isHeld() && canHold()) {
    // Installed here, where the registries can be reached; run where nothing else can.
    const wanted = [...chosen, ...blocks].flatMap(({ packages }) => (packages === undefined ? [] : [packages]));
    for (const packages of wanted) {
      const installed = await install(packages, (text) => console.log(text));
      if ('missing' in installed) console.log(`${packages.names.join(', ')}: ${installed.missing}`);
    }
    return runHeld();
  }
  if (!isHeld())
    console.log('The clients are not held to the loopback interface: that needs unshare and ip, on Linux.');
  const router = await startRouter();
  const rows = new Map<Client, Row>();
  const shown = new Map<BlockRow, BlockResult>();
  try {
    for (const client of chosen) rows.set(client, await runClient(client, asked, router));
    for (const block of blocks) shown.set(block, await runBlock(block, router, (text) => console.log(text)));
  } finally {
    await router.stop();
  }
  return report({ rows, blocks: shown, asked });
}

async function runClient(client: Client, asked: readonly Scenario[], router: RunningRouter): Promise<Row> {
  const installed = await install(client.packages, (text) => console.log(text));
  if ('missing' in installed) return installed.missing;
  const session = openSession(client, installed);
  const results = new Map<string, Result>();
  console.log(client.name);
  try {
    for (const scenario of asked) {
      const result = await runScenario(scenario, { client, session, router });
      results.set(scenario.name, result);
      if (result.kind === 'failed') console.log(`  ${scenario.name}\n    ${result.faults.join('\n    ')}`);
      else if (result.kind === 'passed') console.log(`  ${scenario.name} ok`);
    }
  } finally {
    session.end();
  }
  return results;
}

interface Stage {
  readonly client: Client;
  readonly session: Session;
  readonly router: RunningRouter;
}

async function runScenario(scenario: Scenario, { client, session, router }: Stage): Promise<Result> {
  if (Object.hasOwn(client.without, scenario.name)) return { kind: 'without' };
  const task: Task = {
    ask: scenario.ask,
    origin: router.origin,
    key: scenario.wrongKey === true ? 'sk-router-nobody-knows-this-one' : router.key,
    model: modelOf(scenario, client),
    prompt: scenario.prompt(client.tool ?? ((city) => `!tool weather {"city":"${city}"}`)),
    headers: scenario.headers ?? {},
  };
  await router.forget();
  let said: Said;
  try {
    said = await session.ask(task);
  } catch (error) {
    return { kind: 'failed', faults: [error instanceof Error ? error.message : String(error)] };
  }
  const most = client.most?.[scenario.name] ?? scenario.most;
  const upstream = await router.upstream();
  const { tool, showsThinking = false } = client;
  const text = client.shows?.[scenario.name];
  const hidesTools = tool !== undefined;
  const faults = findFaults({
    scenario,
    task,
    said,
    upstream,
    most,
    hidesTools,
    showsThinking,
    ...(text !== undefined && { text }),
  });
  return faults.length === 0 ? { kind: 'passed' } : { kind: 'failed', faults };
}

function modelOf({ model }: Scenario, { dialect }: Client): string {
  if (typeof model === 'string') return model;
  return (model ?? homeModels)[dialect];
}

interface Report {
  readonly rows: ReadonlyMap<Client, Row>;
  readonly blocks: ReadonlyMap<BlockRow, BlockResult>;
  readonly asked: readonly Scenario[];
}

/** Shows the table, the README's blocks and what was left out, and gives the exit code. */
function report({ rows, blocks, asked }: Report): number {
  if (rows.size > 0) sayRows(rows, asked);
  const faulty = [...blocks].flatMap(([{ name }, result]) =>
    Array.isArray(result) && result.length > 0 ? [{ name, result }] : [],
  );
  const shown = [...blocks].flatMap(([{ title }, result]) =>
    Array.isArray(result) && result.length === 0 ? [title] : [],
  );
  if (blocks.size > 0) console.log(`\nBlocks of the README that ran as they stand: ${shown.join(', ')}.`);
  for (const { name, result } of faulty) console.log(`${name} FAIL\n  ${result.join('\n  ')}`);
  const lacking = [...missingIn(rows), ...missingIn(blocks)];
  for (const { name, why } of lacking) console.log(`${name} was left out: ${why}`);
  const results = [...rows.values()].flatMap((row) => (typeof row === 'string' ? [] : [...row.values()]));
  const failed = results.filter(({ kind }) => kind === 'failed').length + faulty.length;
  const passed = results.filter(({ kind }) => kind === 'passed').length + shown.length;
  console.log(`\n${passed} passed, ${failed} failed, ${lacking.length} skipped`);
  const isLacking = process.env['CI'] === 'true' && lacking.some(({ required }) => required);
  return failed > 0 || isLacking ? 1 : 0;
}

function sayRows(rows: ReadonlyMap<Client, Row>, asked: readonly Scenario[]): void {
  const marks = { passed: 'ok', without: '-', failed: 'FAIL' } as const;
  const lines = [...rows].flatMap(([{ name }, row]) =>
    typeof row === 'string'
      ? []
      : [[name, ...asked.map((scenario) => marks[row.get(scenario.name)?.kind ?? 'without'])]],
  );
  console.log(`\n${sayTable([['client', ...asked.map(({ name }) => name)], ...lines])}\n`);
  for (const [{ name, without }] of rows) {
    const reasons = Object.entries(without).map(([scenario, why]) => `${scenario}: ${why}`);
    if (reasons.length > 0) console.log(`${name} has no part in ${reasons.join('; ')}`);
  }
}

/** Who was left out, and why. */
function missingIn(
  rows: ReadonlyMap<{ readonly name: string; readonly required: boolean }, Row | BlockResult>,
): { name: string; required: boolean; why: string }[] {
  return [...rows].flatMap(([{ name, required }, row]) => {
    if (typeof row === 'string') return [{ name, required, why: row }];
    return 'missing' in row ? [{ name, required, why: row.missing }] : [];
  });
}
