import { beforeEach, describe, expect, it, vi } from 'vitest';
import { gatewayToken } from '../../src/local/keys.ts';
import { askStandIn, clearRequests, recordedRequests } from '../support/standin.ts';
import { ask, chat, gatewayBase, run, stored } from './ask.ts';

beforeEach(clearRequests);

const glm = '@cf/zai-org/glm-4.7-flash';

describe('records', () => {
  it('hold a request exactly as it was received', async () => {
    const url = `${gatewayBase}/openai/chat/completions?a=1`;
    const body = '{ "model":"gpt-5", "2":1, "1":12345678901234567890 ,"messages":[{"role":"user","content":"hi"}]}';
    const headers = {
      'CF-AIG-Authorization': `Bearer ${gatewayToken}`,
      'content-type': 'application/json; charset=utf-8',
    };
    await askStandIn(url, { method: 'POST', headers, body });
    expect(await recordedRequests()).toEqual([
      {
        seq: 1,
        surface: 'gateway',
        method: 'POST',
        url,
        headers: [
          ['cf-aig-authorization', `Bearer ${gatewayToken}`],
          ['content-length', String(body.length)],
          ['content-type', 'application/json; charset=utf-8'],
        ],
        body,
        model: 'gpt-5',
        cancelled: false,
      },
    ]);
  });

  it.each([
    ['the first five entries', { a: 1, b: 'x', c: true, d: 4, e: 5, f: 6 }, { a: 1, b: 'x', c: true, d: 4, e: 5 }],
    ['nothing where one is no scalar', { a: 1, b: null }, {}],
    ['nothing that begins with cf.', { 'cf.user_id': 'me', a: 1 }, { a: 1 }],
  ])('keep of the metadata %s', async (_name, metadata, kept) => {
    await ask('openai/chat/completions', chat('hi'), { ...stored, 'cf-aig-metadata': JSON.stringify(metadata) });
    expect((await recordedRequests()).map((request) => request.metadata)).toEqual([kept]);
  });

  it('hold refused requests as well', async () => {
    await ask('openai/chat/completions', chat('hi'), {});
    expect((await recordedRequests()).length).toBe(1);
  });

  it('hold the last 200', async () => {
    for (let count = 0; count < 201; count += 1) await ask('openai/chat', {}, {});
    const seqs = (await recordedRequests()).map(({ seq }) => seq);
    expect([seqs.length, seqs[0], seqs.at(-1)]).toEqual([200, 2, 201]);
  });

  it('know no other path', async () => {
    expect((await askStandIn('http://cloudflare.local/else')).status).toBe(404);
  });
});

describe.each([
  ['the gateway', (text: string, signal: AbortSignal) => askGateway(text, signal)],
  ['the binding', (text: string, signal: AbortSignal) => run(glm, { ...chat(text), stream: true }, { signal })],
])('who leaves %s', (_name, askFor) => {
  it('is noted when the stream is cancelled', async () => {
    const response = await askFor('!stall', new AbortController().signal);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    await vi.waitFor(async () => expect(await countCancelled()).toBe(1));
  });

  it('is noted when the signal aborts in the middle of a stream', async () => {
    const leaving = new AbortController();
    const response = await askFor('!stall', leaving.signal);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    leaving.abort();
    await vi.waitFor(async () => expect(await countCancelled()).toBe(1));
  });

  it('is noted when the signal aborts before the headers', async () => {
    const leaving = new AbortController();
    const response = askFor('!hang', leaving.signal);
    await vi.waitFor(async () => expect((await recordedRequests()).length).toBe(1));
    leaving.abort();
    await expect(response).rejects.toThrow('The operation was aborted');
    await vi.waitFor(async () => expect(await countCancelled()).toBe(1));
  });

  it('is not noted when everything was read', async () => {
    const leaving = new AbortController();
    await (await askFor('hi', leaving.signal)).text();
    leaving.abort();
    expect((await recordedRequests()).map(({ cancelled }) => cancelled)).toEqual([false]);
  });
});

function askGateway(text: string, signal: AbortSignal): Promise<Response> {
  const body = JSON.stringify(chat(text, { stream: true }));
  return askStandIn(`${gatewayBase}/openai/chat/completions`, { method: 'POST', headers: stored, body, signal });
}

async function countCancelled(): Promise<number> {
  const left: unknown[] = await (await askStandIn('http://cloudflare.local/cancelled')).json();
  return left.length;
}
