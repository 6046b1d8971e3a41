import { describe, expect, it, vi } from 'vitest';
import { recordedRequests } from '../support/standin.ts';
import { askingDoors } from './doors.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

// Text without end: of an answer that is silent the clients' parsers may not have seen the first word yet.
describe.each(askingDoors.filter(({ streams }) => streams))('$name', ({ open }) => {
  it.each(targets)('stops $name when it leaves in the middle of a stream', async ({ model }) => {
    const leaving = new AbortController();
    const asked = open(model, { signal: leaving.signal }).say('!stall 2 hello there');
    const failed = expect(asked).rejects.toThrow(/abort/i);
    await vi.waitFor(async () => expect((await recordedRequests()).length).toBe(1));
    leaving.abort();
    await failed;
    await vi.waitFor(async () => expect(await cancelled()).toEqual([true]));
  });
});

describe.each(askingDoors)('$name', ({ open }) => {
  it.each(targets)('stops $name when it leaves before the answer begins', async ({ model }) => {
    const leaving = new AbortController();
    const failed = expect(open(model, { signal: leaving.signal }).say('!hang')).rejects.toThrow(/abort/i);
    await vi.waitFor(async () => expect((await recordedRequests()).length).toBe(1));
    leaving.abort();
    await failed;
    await vi.waitFor(async () => expect(await cancelled()).toEqual([true]));
  });
});

async function cancelled(): Promise<boolean[]> {
  return (await recordedRequests()).map((record) => record.cancelled);
}
