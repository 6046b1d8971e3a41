/**
 * What the router costs over a Worker that only passes requests on (the floor): `node test/bench/run.ts`, under a minute.
 * Only ratios mean anything: both run in the same round, CPU time per request, on plain `workerd serve`.
 */
import { Agent, request } from 'node:http';
import { startTargets, routerKey, type Target } from './servers.ts';
import { eventsPerStream, startUpstream } from './upstream.ts';

interface Scenario {
  readonly name: string;
  readonly path: string;
  readonly body: string;
  readonly requests: number;
  readonly concurrency: number;
  /** The answer must hold this, or the figures are about something else. The floor always answers in chat format. */
  readonly proof: { readonly floor: string; readonly router: string };
}

const rounds = 5;
const messages = [{ role: 'user', content: 'Say eight words about the weather. '.repeat(30) }];
const model = 'openai/gpt-5.1';
const stream = { requests: 16, concurrency: 8 };
const done = 'data: [DONE]';

const scenarios: readonly Scenario[] = [
  {
    name: 'JSON relay',
    path: '/v1/chat/completions',
    body: JSON.stringify({ model, messages }),
    requests: 2000,
    concurrency: 16,
    proof: { floor: '"finish_reason"', router: '"finish_reason"' },
  },
  {
    name: 'SSE relay, metered',
    path: '/v1/chat/completions',
    body: JSON.stringify({ model, stream: true, stream_options: { include_usage: true }, messages }),
    ...stream,
    proof: { floor: done, router: done },
  },
  {
    name: 'SSE translated',
    path: '/v1/messages',
    body: JSON.stringify({ model, max_tokens: 1000, stream: true, messages }),
    ...stream,
    proof: { floor: done, router: 'event: message_stop' },
  },
];

const agent = new Agent({ keepAlive: true });

/** Sends one request and gives the whole answer. */
function send({ port }: Target, { path, body }: Scenario): Promise<string> {
  const headers = { authorization: `Bearer ${routerKey}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const sending = request({ port, path, method: 'POST', headers, agent }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts).toString()));
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** CPU time of the target for one request of a scenario, in microseconds. */
async function measure(target: Target, scenario: Scenario, proof: string): Promise<number> {
  let left = scenario.requests;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const text = await send(target, scenario);
      if (!text.includes(proof))
        throw new Error(`${target.name}, ${scenario.name}: unexpected answer ${text.slice(0, 500)}`);
    }
  };
  const before = await target.cpuMicros();
  await Promise.all(Array.from({ length: scenario.concurrency }, work));
  return ((await target.cpuMicros()) - before) / scenario.requests;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function row(name: string, floors: readonly number[], routers: readonly number[]): string {
  const ratios = routers.map((router, round) => router / (floors[round] ?? NaN));
  const shown = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  const micros = [median(floors), median(routers)].map((time) => time.toFixed(0).padStart(8));
  return `${name.padEnd(22)}${micros.join('')}   ${shown[0]} (${shown[1]}-${shown[2]})`;
}

/** Runs every scenario once on both targets and notes the times. */
async function runRound(targets: Targets, round: number, times: Times): Promise<void> {
  const order = round % 2 === 0 ? (['floor', 'router'] as const) : (['router', 'floor'] as const);
  for (const scenario of scenarios) {
    for (const name of order) {
      const micros = await measure(targets[name], scenario, scenario.proof[name]);
      times[scenario.name]?.[name].push(micros);
    }
  }
}

type Targets = Awaited<ReturnType<typeof startTargets>>;
type Times = Record<string, { floor: number[]; router: number[] }>;

const noTimes = (): Times => Object.fromEntries(scenarios.map(({ name }) => [name, { floor: [], router: [] }]));

const upstream = await startUpstream();
const address = upstream.address();
const targets = await startTargets(typeof address === 'object' && address !== null ? address.port : 0);
try {
  const times = noTimes();
  await runRound(targets, 0, noTimes()); // warms up, does not count
  for (let round = 1; round <= rounds; round += 1) await runRound(targets, round, times);
  console.log(
    `CPU microseconds a request (a stream: ${eventsPerStream} events)\n${' '.repeat(25)}floor  router   ratio`,
  );
  for (const [name, { floor, router }] of Object.entries(times)) console.log(row(name, floor, router));
  const [relayed, translated] = scenarios.slice(1).map(({ name }) => times[name]?.router ?? []);
  console.log(row('translated to metered', relayed ?? [], translated ?? []));
} finally {
  targets.floor.stop();
  targets.router.stop();
  upstream.close();
  agent.destroy();
}
