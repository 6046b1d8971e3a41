import type { Command, CommandName } from './command.ts';

/** How an answer must go wrong, and how it travels. Absent or `false`: it does not. */
export interface Faults {
  readonly fail?: { readonly status: number; readonly code?: string; readonly retryAfterSeconds?: number };
  readonly instead?: 'html' | 'empty' | 'redirect' | 'error-200' | 'hang';
  /** Status of the page that `!html` answers. */
  readonly htmlStatus: number;
  /** Where a stream leaves its course, counted in content events. */
  readonly turn?: {
    readonly kind: 'fail-stream' | 'cut' | 'drop' | 'stall' | 'endless';
    readonly after: number;
    readonly code?: string;
  };
  readonly garbageAfter?: number;
  readonly otherKind: boolean;
  readonly slowMilliseconds: number;
  readonly split: boolean;
  readonly withoutUsage: boolean;
}

const turns = ['fail-stream', 'cut', 'drop', 'stall', 'endless'] as const;
const insteads = ['html', 'empty', 'redirect', 'error-200', 'hang'] as const;

/** Reads the faults out of a prompt's commands. Of several of one kind the first counts. */
export function readFaults(commands: readonly Command[]): Faults {
  const find = (name: CommandName): Command | undefined => commands.find((command) => command.name === name);
  const fail = find('fail');
  const retryAfterSeconds = find('retry-after')?.count;
  const instead = insteads.find((name) => find(name) !== undefined);
  const kind = turns.find((name) => find(name) !== undefined);
  const turn = kind === undefined ? undefined : find(kind);
  const garbage = find('garbage');
  return {
    ...(fail !== undefined && {
      fail: {
        status: fail.count ?? 500,
        ...(fail.word !== undefined && { code: fail.word }),
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      },
    }),
    ...(instead !== undefined && { instead }),
    htmlStatus: find('html')?.count ?? 200,
    ...(kind !== undefined && {
      turn: { kind, after: turn?.count ?? 1, ...(turn?.word !== undefined && { code: turn.word }) },
    }),
    ...(garbage !== undefined && { garbageAfter: garbage.count ?? 1 }),
    otherKind: find('json-for-stream') !== undefined || find('stream-for-json') !== undefined,
    slowMilliseconds: find('slow')?.count ?? 0,
    split: find('split') !== undefined,
    withoutUsage: find('nousage') !== undefined,
  };
}
