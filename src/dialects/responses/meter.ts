import type { UpstreamFailure } from '../../core/failure.ts';
import type { Meter, MeterState } from '../../core/half.ts';
import { field, isObject, parseJson, textOf } from '../../core/json.ts';
import type { SseEvent } from '../../core/machine.ts';
import type { Usage } from '../../core/usage.ts';
import { garbage, readFailure } from './read-failure.ts';
import { readUsage } from './usage.ts';

/** Events that come before anything a caller could miss. An unknown event counts as content, so that none is held for long. */
const lifecycle: ReadonlySet<string> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.output_item.added',
  'response.content_part.added',
  'response.reasoning_summary_part.added',
  'keepalive',
]);

const terminal: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'error',
]);

/** Watches a relayed stream. The `event:` line names an event, so only the last one is parsed. */
export function meter(): Meter {
  let state: MeterState = 'waiting';
  let failure: UpstreamFailure | undefined;
  let usage: Usage | undefined;
  const fail = (reason: UpstreamFailure) => {
    state = 'failed';
    failure = reason;
  };
  const finish = (type: string, body: unknown) => {
    const response = field(body, 'response');
    usage = readUsage(response);
    if (type === 'error') fail(readFailure(field(body, 'error') ?? body));
    else if (type === 'response.failed') fail(readFailure(field(response, 'error')));
    else state = 'ended';
  };
  return {
    push(event) {
      if (state === 'ended' || state === 'failed' || event.data === '' || event.data === '[DONE]') return;
      const named = nameOf(event);
      const body = named === undefined || terminal.has(named) ? parseJson(event.data) : undefined;
      const type = named ?? textOf(field(body, 'type'));
      if (type === undefined) fail(isObject(field(body, 'error')) ? readFailure(field(body, 'error')) : garbage);
      else if (terminal.has(type)) finish(type, body);
      else if (!lifecycle.has(type)) state = 'content';
    },
    get state() {
      return state;
    },
    get isOver() {
      return state === 'ended';
    },
    get failure() {
      return failure;
    },
    get usage() {
      return usage;
    },
  };
}

/** The event's name where its line can be trusted; `message` is what servers write that know only one. */
function nameOf({ event }: SseEvent): string | undefined {
  return event !== undefined && (event.startsWith('response.') || terminal.has(event) || lifecycle.has(event))
    ? event
    : undefined;
}
