import type { UpstreamFailure } from '../../core/failure.ts';
import type { Meter, MeterState } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SseEvent } from '../../core/machine.ts';
import { readError } from './error-reader.ts';
import { tallyUsage } from './usage.ts';

/** The blocks that start empty and only become content with their first delta. */
const emptyStarts: ReadonlySet<unknown> = new Set(['text', 'thinking']);

/** Events that tell a meter nothing, or nothing after the first content: they are not parsed. */
const unread: ReadonlySet<string> = new Set(['ping', 'content_block_stop']);
const unreadAfterContent: ReadonlySet<string> = new Set(['content_block_start', 'content_block_delta']);

/**
 * Watches a relayed stream. Once content has gone by, deltas are passed over by the name on their `event:` line, so that
 * a long answer costs one look-up an event; streams without these lines are parsed event by event.
 */
export function meter(): Meter {
  return new StreamMeter();
}

class StreamMeter implements Meter {
  readonly #usage = tallyUsage();
  state: MeterState = 'waiting';
  failure: UpstreamFailure | undefined;

  get isOver(): boolean {
    return this.state === 'ended';
  }

  get usage(): Meter['usage'] {
    return this.#usage.total();
  }

  push(event: SseEvent): void {
    if (this.state === 'ended' || this.state === 'failed') return;
    const name = event.event ?? '';
    if (event.data === '' || unread.has(name) || (this.state === 'content' && unreadAfterContent.has(name))) return;
    const body = parseJson(event.data);
    if (isObject(body)) this.#read(textOf(field(body, 'type')) ?? name, body);
    else this.#fail({ kind: 'upstream', cause: 'garbage' });
  }

  #read(type: string, body: JsonObject): void {
    switch (type) {
      case 'message_start':
        this.#usage.add(field(field(body, 'message'), 'usage'));
        break;
      case 'content_block_start':
        if (startsContent(field(body, 'content_block'))) this.state = 'content';
        break;
      case 'content_block_delta':
        if (bringsContent(field(body, 'delta'))) this.state = 'content';
        break;
      case 'message_delta':
        this.#usage.add(field(body, 'usage'));
        break;
      case 'message_stop':
        this.state = 'ended';
        break;
      case 'error':
        this.#fail(readError(field(body, 'error'), 'stream-error'));
        break;
    }
  }

  #fail(failure: UpstreamFailure): void {
    this.state = 'failed';
    this.failure = failure;
  }
}

function startsContent(block: unknown): boolean {
  if (!emptyStarts.has(field(block, 'type'))) return true;
  return textOf(field(block, 'text')) !== undefined || textOf(field(block, 'thinking')) !== undefined;
}

/** A delta that is not empty, whatever its type: a new type must not keep the caller waiting. */
function bringsContent(delta: unknown): boolean {
  if (!isObject(delta)) return false;
  return Object.entries(delta).some(([key, value]) => key !== 'type' && value !== '' && value !== null);
}
