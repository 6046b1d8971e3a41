import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The key that the bench sends as a caller. */
export const routerKey = 'bench-router-key';

/** A Worker in a `workerd` of its own. */
export interface Target {
  readonly name: string;
  readonly port: number;
  /** CPU time used so far, in microseconds, kernel included. Linux only. */
  cpuMicros(): Promise<number>;
  stop(): void;
}

const floor = 'export default { fetch: (request) => fetch(request.url, request) };\n';
const emptyKv = 'export default { fetch: () => new Response("", { status: 404 }) };\n';

/** Starts the router, built as it is deployed, and the floor: a Worker that does nothing but `fetch`. */
export async function startTargets(upstreamPort: number): Promise<{ floor: Target; router: Target }> {
  const folder = await mkdtemp(join(tmpdir(), 'router-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await promisify(execFile)('wrangler', ['deploy', '--dry-run', '--minify', '--env=', '--outdir', folder]);
  await writeFile(join(folder, 'floor.js'), floor);
  await writeFile(join(folder, 'kv.js'), emptyKv);
  const start = (name: string, module: string, port: number): Promise<Target> =>
    startTarget({ name, folder, port, config: workerdConfig({ module, port, upstreamPort }) });
  return { floor: await start('floor', 'floor.js', 18_901), router: await start('router', 'worker.js', 18_902) };
}

/** The ledger as it is deployed, but for the disk. */
const inMemoryLedger = {
  binding: ', (name = "LEDGER", durableObjectNamespace = "Ledger")',
  namespaces:
    'durableObjectNamespaces = [(className = "Ledger", uniqueKey = "ledger", enableSql = true)], durableObjectStorage = (inMemory = void),',
};

interface ConfigParts {
  readonly module: string;
  readonly port: number;
  readonly upstreamPort: number;
}

function workerdConfig({ module, port, upstreamPort }: ConfigParts): string {
  const texts = {
    ROUTER_KEY: routerKey,
    CF_AIG_TOKEN: 'bench-gateway-token',
    CLOUDFLARE_ACCOUNT_ID: '0123456789abcdef0123456789abcdef',
    AI_GATEWAY_ID: 'bench',
    AI_GATEWAY_BASE_URL: 'http://gateway.test/v1',
  };
  const bindings = Object.entries(texts).map(([name, text]) => `(name = "${name}", text = "${text}")`);
  // Only the router has the ledger's class.
  const ledger = module === 'floor.js' ? { binding: '', namespaces: '' } : inMemoryLedger;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "kv", worker = .kv),
    (name = "upstream", external = (address = "127.0.0.1:${upstreamPort}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "${module}")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["enable_request_signal"],
  bindings = [${bindings.join(', ')}, (name = "POLICY", kvNamespace = "kv")${ledger.binding}],
  globalOutbound = "upstream",
  ${ledger.namespaces}
);
const kv :Workerd.Worker = (
  modules = [(name = "kv", esModule = embed "kv.js")],
  compatibilityDate = "2026-11-01",
);
`;
}

interface Start {
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly config: string;
}

async function startTarget({ name, folder, port, config }: Start): Promise<Target> {
  const path = join(folder, `${name}.capnp`);
  await writeFile(path, config);
  // Its log lines are part of the work; reading them is not.
  const child = spawn('workerd', ['serve', path], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill()); // also where another one does not start
  await listening(port, child);
  return { name, port, cpuMicros: () => cpuMicros(child.pid ?? 0), stop: () => child.kill() };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100 && child.exitCode === null; tries += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await wait(100);
  }
  throw new Error(`workerd does not listen on port ${port}`);
}

/** The first figure of `schedstat` is the time on a CPU in nanoseconds. */
async function cpuMicros(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    tasks.map(async (task) => {
      const text = await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8').catch(() => '0');
      return Number(text.split(' ')[0]);
    }),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1000;
}
