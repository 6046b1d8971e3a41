import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Done, Invocation } from './process.ts';
import type { Said, Task } from './task.ts';
import type { ToolCall } from './scenarios.ts';
import { agentClients } from './agents.ts';
import { npmClients } from './npm.ts';
import { pypiClients } from './pypi.ts';

/** Where a client's packages come from, each with the version that is tested. */
export type Packages =
  | { readonly from: 'npm'; readonly names: readonly string[] }
  /** `python`: the oldest that it runs on, e.g. `3.12`. */
  | { readonly from: 'pypi'; readonly names: readonly string[]; readonly python?: string };

/** One client in one of its ways to call. */
export interface Client {
  /** For `--client`: all that begin with the word given. */
  readonly name: string;
  readonly dialect: ConversationDialect;
  readonly packages: Packages;
  /** Under `CI=true` it is a failure that it could not be installed. */
  readonly required: boolean;
  /** Scenarios that it has no part in, each with the reason, which the table shows below it. */
  readonly without: Readonly<Record<string, string>>;
  /** Its own bounds of upstream requests, by scenario: its retries times its side calls. */
  readonly most?: Readonly<Record<string, number>>;
  /** The call of a tool that it has by itself; absent: the tool `weather` that its driver declares. */
  readonly tool?: ToolCall;
  /** Its driver tells what the model thought, and its dialect carries it. */
  readonly showsThinking?: true;
  /** What it shows in place of the scenario's text, by scenario. */
  readonly shows?: Readonly<Record<string, string>>;
  readonly way: Way;
}

export type Way =
  /** A program of ours around a library: see {@link ./drivers}. */
  | { readonly kind: 'driver'; readonly file: string; readonly argument?: string }
  /** A program of its own: started once a task. */
  | {
      readonly kind: 'program';
      /** `home` is a folder of its own, empty but for the invocation's files. */
      readonly invoke: (task: Task, home: string) => Invocation;
      readonly read: (done: Done) => Said;
    };

/** Every client, in the order of the table. */
export const clients: readonly Client[] = [...npmClients, ...agentClients, ...pypiClients];
