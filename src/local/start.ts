// Serves the router on this machine with the stand-in behind it: `npm start`, `npm start -- --port 8788`.
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { apiPath, usualPort } from './address.ts';
import { adminKey, localSecrets, routerKey } from './keys.ts';
import { seedPolicies } from './seed.ts';
import { exitOf, readLines, startWrangler, stopWrangler } from './wrangler.ts';

const host = '127.0.0.1';
const startAtMostMilliseconds = 90_000;
const stopAtMostMilliseconds = 5_000;

/** What wrangler writes that tells a user nothing: its own start, and warnings about what is meant so. */
const noise = [/^\s*$/, /Request\.cf/, /⎔|^Your Worker|^Binding|^env\.|\bReady on\b|Using secrets defined/];

await main();

async function main(): Promise<void> {
  const port = readPort();
  if (await isBusy(port)) {
    fail(`Cannot start: port ${port} is in use by another program. Choose another: npm start -- --port ${port + 1}`);
  }
  say('Writing the sample policies into the local KV ...');
  try {
    await seedPolicies();
  } catch (error) {
    fail(`Cannot write the sample policies: wrangler said\n${error instanceof Error ? error.message : String(error)}`);
  }
  say('Starting the router and the stand-in for Cloudflare ...');
  await serve(port);
}

function readPort(): number {
  let given: string | undefined;
  try {
    given = parseArgs({ options: { port: { type: 'string', short: 'p' } } }).values.port;
  } catch (error) {
    fail(
      `Cannot start: ${error instanceof Error ? error.message : String(error)} Write it as: npm start -- --port 9001`,
    );
  }
  const port = Number(given ?? usualPort);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  return fail(`Cannot start: --port ${String(given)} is no port. Give a number from 1 to 65535.`);
}

async function isBusy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(true));
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}

async function serve(port: number): Promise<void> {
  const child = startWrangler(wranglerArguments(port));
  stopWith(child);
  const early: string[] = [];
  let ready = false;
  const broken = new Promise<false>((resolve) => {
    readLines(child, (line) => {
      if (ready && !noise.some((pattern) => pattern.test(line))) console.log(line);
      if (ready) return;
      early.push(line);
      // After an error wrangler waits for a change of the source; what the error was stands in the lines that follow.
      if (line.includes('[ERROR]')) setTimeout(() => resolve(false), 500);
    });
  });
  const ended = exitOf(child);
  ready = await Promise.race([answers(port), ended.then(() => false), broken]);
  if (!ready) {
    stopWrangler(child, 'SIGTERM');
    fail(`Cannot start: the router did not come up. wrangler said\n${early.join('\n')}`);
  }
  console.log(welcome(port));
  process.exitCode = await ended;
}

function wranglerArguments(port: number): string[] {
  const options = ['--port', String(port), '--ip', host, '--inspector-port', '0'];
  const files = ['-c', 'wrangler.toml', '-c', 'src/local/wrangler.toml'];
  const values = Object.entries(localSecrets).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  return ['dev', '--env', 'local', ...files, ...options, '--show-interactive-dev-session=false', ...values];
}

/** Ends wrangler with this process, whichever way it ends: Ctrl-C, a signal, or its parent gone. */
function stopWith(child: ChildProcess): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    stopWrangler(child, 'SIGTERM');
    setTimeout(() => stopWrangler(child, 'SIGKILL'), stopAtMostMilliseconds).unref();
    child.once('close', () => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('exit', () => stopWrangler(child, 'SIGKILL'));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, 1000).unref();
}

/** Waits until the router answers, with a dot a second. Gives `false` where it takes too long. */
async function answers(port: number): Promise<boolean> {
  const until = Date.now() + startAtMostMilliseconds;
  for (let round = 1; Date.now() < until; round += 1) {
    if (await isUp(port)) return true;
    if (round % 4 === 0) process.stdout.write('.');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}

async function isUp(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://${host}:${port}/healthz`, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function welcome(port: number): string {
  const base = `http://${host}:${port}`;
  return `
The router is up. Everything behind it is a stand-in: no account, no network, no cost.

  Base URL  ${base}/v1   (Anthropic clients: ${base})
  Key       ${routerKey}
  Admin key ${adminKey}   (for /admin, and "npm run router -- keys" as ROUTER_ADMIN_KEY; documents at ${base}/docs)

Try it:

  curl -N ${base}/v1/chat/completions -H 'authorization: Bearer ${routerKey}' -H 'content-type: application/json' -d '{"model":"@cf/zai-org/glm-4.7-flash","stream":true,"messages":[{"role":"user","content":"Hello there"}]}'

  ${port === usualPort ? '' : `CLOUDFLARE_API_BASE_URL=${base}${apiPath}/client/v4 `}npm run router -- gateways list

Ctrl-C stops it.
`;
}

function say(text: string): void {
  console.log(text);
}

function fail(text: string): never {
  console.error(text);
  process.exit(1);
}
