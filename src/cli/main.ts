#!/usr/bin/env node
// The operator's command line: `npm run router -- <command>`. Node runs this file as it stands.
import { createInterface } from 'node:readline/promises';
import type { World } from './command.ts';
import { commands } from './commands.ts';
import { listDeployedSecrets, wranglerKv } from './kv.ts';
import { runCli } from './run.ts';
import { askHidden } from './hidden.ts';
import { runWrangler } from './wrangler.ts';

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    return await runCli(process.argv.slice(2), commands, openWorld());
  } catch (error) {
    console.error(sayBug(error));
    return 1;
  }
}

function openWorld(): World {
  const { stdin, stdout, stderr, env } = process;
  return {
    out: (text) => stdout.write(`${text}\n`),
    err: (text) => stderr.write(`${text}\n`),
    colour: stdout.isTTY && (env['NO_COLOR'] ?? '') === '',
    ...(stdin.isTTY && stderr.isTTY && { ask, askText, askSecret: async (question: string) => askHidden(question) }),
    now: () => new Date(),
    folder: process.cwd(),
    openKv: wranglerKv,
    listSecrets: listDeployedSecrets,
    wrangler: runWrangler,
    env,
    fetch: (url, init) => fetch(url, init),
  };
}

/** Anything but yes is no. */
async function ask(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await askText(`${question} [y/N]`));
}

async function askText(question: string): Promise<string> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await prompt.question(`${question} `)).trim();
  } finally {
    prompt.close();
  }
}

/** What the system refused is said in its words; anything else is a fault of this program and shows where. */
function sayBug(error: unknown): string {
  if (!(error instanceof Error)) return `Cannot finish: ${String(error)}`;
  // Ctrl-C at a question.
  if (error.name === 'AbortError') return 'Stopped.';
  return 'code' in error && 'syscall' in error ? `Cannot finish: ${error.message}.` : (error.stack ?? error.message);
}
