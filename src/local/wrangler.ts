import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Neither asks the network for anything nor reports there, and waits for no key strokes. */
const quiet = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: 'true',
};

/**
 * Starts the installed wrangler. It leads a process group of its own, so that {@link stopWrangler} reaches the processes
 * that it starts.
 */
export function startWrangler(args: readonly string[]): ChildProcess {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  return spawn(process.execPath, [wrangler, ...args], {
    cwd: root,
    env: { ...process.env, ...quiet },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
}

/** Sends the signal to wrangler and to everything that it started. */
export function stopWrangler(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

/** Calls `take` with every line that the child writes, without colours, to either stream. */
export function readLines(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(stripVTControlCharacters(line).trimEnd());
    });
  }
}

/** Runs wrangler to its end and gives what it wrote. Throws with that text where it failed. */
export async function runWrangler(args: readonly string[]): Promise<string> {
  const child = startWrangler(args);
  const lines: string[] = [];
  readLines(child, (line) => lines.push(line));
  const code = await exitOf(child);
  if (code !== 0) throw new Error(lines.join('\n'));
  return lines.join('\n');
}

/** Waits for the child's end and gives its exit code; 1 where a signal ended it. */
export async function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}
