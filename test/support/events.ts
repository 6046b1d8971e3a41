import type { SseEvent } from '../../src/core/machine.ts';

/** Mints the ids `minted0`, `minted1`, ... */
export function mintIds(): () => string {
  let minted = 0;
  return () => {
    minted += 1;
    return `minted${minted - 1}`;
  };
}

/** A value as one server-sent event; text as it is. */
export function sse(value: unknown): SseEvent {
  return { data: typeof value === 'string' ? value : JSON.stringify(value) };
}
