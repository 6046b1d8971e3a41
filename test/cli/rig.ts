import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Command, World } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import type { Kv, KvEntry } from '../../src/cli/kv.ts';
import { runCli } from '../../src/cli/run.ts';

/** KV in a map, with what was done to it. */
export interface MemoryKv extends Kv {
  readonly values: Map<string, KvEntry>;
  /** The keys of each write and deletion, in order. */
  readonly writes: (readonly string[])[];
}

export function memoryKv(values: Readonly<Record<string, unknown>> = {}): MemoryKv {
  const entries = Object.entries(values).map(([key, value]) => ({ key, value: textOf(value) }));
  const kept = new Map<string, KvEntry>(entries.map((entry) => [entry.key, entry]));
  const writes: (readonly string[])[] = [];
  return {
    values: kept,
    writes,
    list: async (prefix) =>
      [...kept.values()]
        .filter(({ key }) => key.startsWith(prefix))
        .map(({ key, metadata }) => ({ name: key, metadata })),
    get: async (keys) =>
      new Map(keys.flatMap((key) => [kept.get(key)].flatMap((entry) => (entry ? [[key, entry.value] as const] : [])))),
    put: async (written) => {
      writes.push(written.map(({ key }) => key));
      for (const entry of written) kept.set(entry.key, entry);
    },
    delete: async (keys) => {
      writes.push(keys.map((key) => `- ${key}`));
      for (const key of keys) kept.delete(key);
    },
  };
}

/** What one command line wrote, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Rig {
  readonly kv: MemoryKv;
  /** The folder that commands are called in. */
  readonly folder: string;
  /** Questions that were asked. */
  readonly questions: string[];
  /** Runs a command line given as one text. */
  run(line: string): Promise<Ran>;
  /** The same with `--json`, parsed. */
  runJson(line: string): Promise<unknown>;
  /** Writes policy files; `undefined` removes one. */
  write(files: Readonly<Record<string, unknown>>): void;
  /** The files of the policy folder, dot files aside, by name. */
  read(): Record<string, string>;
}

/** A command line over KV in memory and a policy folder of its own. */
export function openRig(
  options: {
    files?: Readonly<Record<string, unknown>>;
    kv?: Readonly<Record<string, unknown>>;
    answer?: (question: string, rig: { kv: MemoryKv }) => boolean | Promise<boolean>;
    secrets?: readonly string[];
    commands?: readonly Command[];
    env?: World['env'];
    fetch?: World['fetch'];
    wrangler?: World['wrangler'];
    askSecret?: World['askSecret'];
    askText?: World['askText'];
    openKv?: World['openKv'];
    listSecrets?: World['listSecrets'];
  } = {},
): Rig {
  const folder = mkdtempSync(join(tmpdir(), 'router-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kv = memoryKv(options.kv);
  const questions: string[] = [];
  let minutes = 0;
  const { answer } = options;
  const world = (out: string[], err: string[]): World => ({
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    colour: false,
    ...(answer !== undefined && {
      ask: async (question) => {
        questions.push(question);
        return answer(question, { kv });
      },
    }),
    now: () => new Date(Date.UTC(2027, 0, 1, 12, (minutes += 1))),
    folder,
    openKv: options.openKv ?? (() => kv),
    listSecrets: options.listSecrets ?? (async () => options.secrets ?? []),
    ...(options.askSecret !== undefined && { askSecret: options.askSecret }),
    ...(options.askText !== undefined && { askText: options.askText }),
    wrangler: options.wrangler ?? (() => Promise.reject(new Error('there is no wrangler'))),
    env: options.env ?? {},
    fetch: options.fetch ?? (() => Promise.reject(new Error('nobody is there'))),
  });
  const run = async (line: string): Promise<Ran> => {
    const out: string[] = [];
    const err: string[] = [];
    const words = line.split(' ').filter((word) => word !== '');
    const code = await runCli(words, options.commands ?? commands, world(out, err));
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  const write = (files: Readonly<Record<string, unknown>>): void => {
    mkdirSync(join(folder, 'policies'), { recursive: true });
    for (const [name, value] of Object.entries(files)) {
      const path = join(folder, 'policies', name);
      if (value === undefined) rmSync(path);
      else writeFileSync(path, textOf(value));
    }
  };
  if (options.files !== undefined) write(options.files);
  return {
    kv,
    folder,
    questions,
    run,
    runJson: async (line) => JSON.parse((await run(`${line} --json`)).out) as unknown,
    write,
    read: () => {
      const names = readdirSync(join(folder, 'policies')).filter((name) => !name.startsWith('.'));
      return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, 'policies', name), 'utf8')]));
    },
  };
}

/** A route with one target, as files and KV hold it. */
export function route(model: string, more: object = {}): { readonly targets: readonly object[] } {
  return { targets: [{ model, credentials: 'stored' }], ...more };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`;
}
