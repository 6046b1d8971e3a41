import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/** What is started: a program of a client, in a home of its own. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from its standard input, which then ends. */
  readonly stdin?: string;
  /** Written into the home before the start, by path below it. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What a program wrote, and how it ended. */
export interface Done {
  readonly out: string;
  readonly err: string;
  /** Absent where the time limit ended it. */
  readonly code?: number;
}

/** A folder of its own, to be thrown away: clients keep cooldowns, caches and keys in their home. */
export function openHome(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'router-client-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Only what a program needs to start: no key, proxy or setting of whoever runs the tests. */
export function bareEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    TMPDIR: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    CI: 'true',
    NO_PROXY: '127.0.0.1,localhost',
    // Whatever calls home in spite of all settings does it into the void.
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
}

/** Starts a program as the leader of a process group of its own, so that {@link endAll} reaches what it starts. */
function start({ command, args, env }: Invocation, cwd: string): ChildProcess {
  return spawn(command, [...args], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
}

function endAll(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** Runs a program to its end, or for so long. */
export async function runProgram(
  invocation: Invocation,
  { cwd, mostMs }: { cwd: string; mostMs: number },
): Promise<Done> {
  const child = start(invocation, cwd);
  const out: string[] = [];
  const err: string[] = [];
  child.stdin?.on('error', () => undefined).end(invocation.stdin ?? '');
  child.stdout?.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => err.push(text));
  let isLate = false;
  const clock = setTimeout(() => {
    isLate = true;
    endAll(child);
  }, mostMs);
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      err.push(String(error));
      resolve(127);
    });
    child.once('close', (status) => resolve(status ?? 1));
  });
  clearTimeout(clock);
  endAll(child);
  return { out: out.join(''), err: err.join(''), ...(!isLate && { code }) };
}

/** A driver: a program that reads one task a line and answers one line each. */
export interface Driver {
  /** The answer's line; a text that begins with `!` tells why there is none. */
  ask(line: string, mostMs: number): Promise<string>;
  end(): void;
}

/** Starts a driver. One that is late or dies is ended, and started anew for the next task. */
export function startDriver(invocation: Invocation, cwd: string): Driver {
  let running: { child: ChildProcess; lines: Interface; err: string[] } | undefined;
  const open = (): NonNullable<typeof running> => {
    const child = start(invocation, cwd);
    const err: string[] = [];
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => err.push(text));
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    return { child, lines, err };
  };
  const end = (): void => {
    if (running !== undefined) endAll(running.child);
    running = undefined;
  };
  return {
    end,
    ask: async (line, mostMs) => {
      running ??= open();
      const { child, lines, err } = running;
      err.length = 0;
      const answer = await new Promise<string>((resolve) => {
        const clock = setTimeout(() => resolve(`!no answer within ${mostMs / 1000} s`), mostMs);
        const settle = (text: string): void => {
          clearTimeout(clock);
          resolve(text);
        };
        // A client's own chatter on stdout is no answer.
        lines.on('line', (text) => text.startsWith('{"said":') && settle(text));
        child.once('close', () => settle(`!it died: ${err.join('').slice(-2000)}`));
        child.once('error', (error) => settle(`!${String(error)}`));
        child.stdin?.write(`${line}\n`);
      });
      lines.removeAllListeners('line');
      child.removeAllListeners('close').removeAllListeners('error');
      if (answer.startsWith('!')) end();
      return answer;
    },
  };
}
