import { describe, expect, it } from 'vitest';
import { readChat } from '../../src/local/read-chat.ts';
import { readMessages } from '../../src/local/read-messages.ts';
import { readResponses } from '../../src/local/read-responses.ts';
import type { Item } from '../../src/local/prompt.ts';
import type { RecordedRequest } from '../../src/local/records.ts';
import { recordedRequests } from '../support/standin.ts';
import type { Call, JsonSchema, ToolSpec } from './door.ts';
import { askingDoors as doors } from './doors.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const parameters: JsonSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const tools: readonly ToolSpec[] = [
  { name: 'weather', parameters },
  { name: 'clock', parameters },
];

const wanted = '!tool weather {"city":"Oslo"} !tool weather {"city":"Rome ☀"} !then !tool clock {"city":"Oslo"} !then';

describe.each(doors)('$name', ({ open }) => {
  it.each(targets)('goes through three turns with parallel calls at $name', async ({ model }) => {
    const talk = open(model, { tools });
    const first = await talk.say(wanted);
    const second = await talk.answer(first.calls.map((call) => ({ call, text: `${saidOf(call)}: fine` })));
    const third = await talk.answer(second.calls.map((call) => ({ call, text: `${saidOf(call)}: noon` })));
    expect([first.calls.map(saidOf), second.calls.map(saidOf), third.calls.map(saidOf)]).toEqual([
      ['weather {"city":"Oslo"}', 'weather {"city":"Rome ☀"}'],
      ['clock {"city":"Oslo"}'],
      [],
    ]);
    expect([first.stop, second.stop, third.stop]).toEqual(['tool', 'tool', 'end']);
    expect(third.text).toBe('The tools said: "clock {"city":"Oslo"}: noon".');
    const ids = [...first.calls, ...second.calls].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids.filter((id) => !/^[A-Za-z0-9_-]{1,64}$/.test(id))).toEqual([]);
    expect(roundsIn((await recordedRequests()).at(-1))).toEqual([
      'call 1 weather',
      'call 2 weather',
      'result 1 weather {"city":"Oslo"}: fine',
      'result 2 weather {"city":"Rome ☀"}: fine',
      'call 3 clock',
      'result 3 clock {"city":"Oslo"}: noon',
    ]);
  });
});

function saidOf({ name, input }: Call): string {
  return `${name} ${JSON.stringify(input)}`;
}

/** Calls and results as the upstream got them, the ids numbered as they first appear. */
function roundsIn(record: RecordedRequest | undefined): string[] {
  const ids: string[] = [];
  const numberOf = (id: string): number => (ids.includes(id) ? ids.indexOf(id) + 1 : ids.push(id));
  return itemsIn(record).flatMap((item) => {
    if (item.kind === 'call') return [`call ${numberOf(item.id)} ${item.name}`];
    return item.kind === 'result' ? [`result ${numberOf(item.id)} ${item.text}`] : [];
  });
}

const readers = [
  { end: '/messages', read: readMessages },
  { end: '/responses', read: readResponses },
];

function itemsIn(record: RecordedRequest | undefined): readonly Item[] {
  const body: unknown = record?.surface === 'binding' ? record.inputs : JSON.parse(record?.body ?? '');
  const read = readers.find(({ end }) => record?.url.endsWith(end))?.read ?? readChat;
  return read(body).items;
}
