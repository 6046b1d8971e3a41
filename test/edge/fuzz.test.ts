import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { endpoints, type Endpoint } from '../../src/core/call.ts';
import { accountId, routerKey } from '../../src/local/keys.ts';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { callerKey, canariesIn, catchConsole, textWithoutAuth, type CaughtConsole } from './canaries.ts';
import { settled, visit, type Visit } from './router.ts';

let console: CaughtConsole;

beforeEach(async () => {
  console = catchConsole();
  await clearRequests();
});
afterEach(settled);

/** Z24 of threats.md, and the two statuses that clients.md 2.3 and 4(i) add. */
const allowedStatuses = [200, 400, 401, 403, 404, 405, 409, 413, 415, 422, 426, 429, 431, 502, 503, 504, 529];

/** Mostly the first, now and then the other. */
function mostly<T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 5 }, { arbitrary: odd, weight: 1 });
}

const segment = fc.oneof(
  fc.constantFrom(
    'v1',
    'chat',
    'completions',
    'messages',
    'responses',
    'embeddings',
    'models',
    'count_tokens',
    'openai',
  ),
  fc.constantFrom(
    'anthropic',
    'compat',
    'explain',
    'model',
    'info',
    'healthz',
    accountId,
    '__proto__',
    '..',
    '%2f',
    '%00',
    '%',
  ),
  fc.webSegment(),
);
const oddPath = fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join('/')}`);

const headerText = fc.oneof(
  fc.constantFrom('', 'true', '0', '{}', '{"a":1}', 'application/json', 'gzip', 'websocket', '*', 'null', '__proto__'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
);
const headerName = fc.constantFrom(
  ...'content-type content-encoding content-length anthropic-version anthropic-beta x-request-id origin'.split(' '),
  ...'upgrade cf-aig-metadata cf-aig-cache-ttl cf-aig-byok-alias x-session-affinity host accept cookie'.split(' '),
);
const keys = fc.constantFrom<Record<string, string>>(
  { authorization: `Bearer ${routerKey}` },
  { 'x-api-key': routerKey },
  { 'cf-aig-authorization': `Bearer ${routerKey}`, authorization: `Bearer ${callerKey}` },
);
const noKeys = fc.constantFrom<Record<string, string>>({}, { authorization: 'Bearer wrong' }, { 'x-api-key': ' ' });

const model = mostly<unknown>(
  fc.constantFrom('openai/gpt-5.1', 'anthropic/claude-sonnet-4-5', '@cf/zai-org/glm-4.7-flash', 'dynamic/support'),
  fc.constantFrom('__proto__', '', null, 1, [], 'openai/..', 'cohere/x', 'huggingface/x', '@cf/baai/bge-m3'),
);
const message = fc.record({
  role: fc.constantFrom('user', 'assistant', 'tool', 'x'),
  content: fc.jsonValue({ maxDepth: 3 }),
});
const fieldName = fc.constantFrom(
  ...'messages input max_tokens stream tools tool_choice response_format thinking system text'.split(' '),
  ...'stream_options encoding_format temperature stop metadata reasoning thread n __proto__'.split(' '),
);
const fieldValue = fc.oneof(fc.boolean(), fc.jsonValue({ maxDepth: 3 }), fc.array(message, { maxLength: 3 }));
const oddFields = mostly<object>(fc.constant({}), fc.dictionary(fieldName, fieldValue, { maxKeys: 2 }));
const oddBody = fc.oneof(fc.json({ maxDepth: 3 }), fc.string({ unit: 'binary', maxLength: 60 }));

interface Asked {
  readonly path: string;
  readonly visit: Visit;
}

/** A good request of some endpoint, in which a thing or two is odd: path, method, key, header, field, or all of the body. */
const asked: fc.Arbitrary<Asked> = fc
  .constantFrom<Endpoint>('chat', 'messages', 'responses', 'embeddings', 'count-tokens')
  .chain((endpoint) =>
    fc.record({
      path: mostly(fc.constant(endpoints[endpoint].path), oddPath),
      method: mostly(fc.constant('POST'), fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS')),
      keys: mostly(keys, noKeys),
      headers: mostly(fc.constant<Record<string, string>>({}), fc.dictionary(headerName, headerText, { maxKeys: 3 })),
      body: mostly(
        fc
          .record({ model, stream: fc.boolean(), odd: oddFields })
          .map(({ odd, ...fields }) => JSON.stringify({ ...bodies[endpoint], ...fields, ...odd })),
        oddBody,
      ),
    }),
  )
  .map(({ path, method, keys, headers, body }) => ({
    path,
    visit: {
      method,
      headers: { 'content-type': 'application/json', ...keys, ...headers },
      ...(!['GET', 'HEAD'].includes(method) && { body }),
    },
  }));

/** An error as one of the two families of clients reads it, or nothing at all (HEAD). */
function isDialect(text: string): boolean {
  if (text === '') return true;
  const body = JSON.parse(text) as {
    type?: string;
    error?: { type?: unknown; message?: unknown; code?: unknown };
    request_id?: string;
  };
  const said = typeof body.error?.type === 'string' && typeof body.error.message === 'string';
  return said && (body.type === 'error' ? typeof body.request_id === 'string' : typeof body.error?.code === 'string');
}

/** Reads a body to its end; an answer that breaks off is one too. */
async function read(response: Response): Promise<string> {
  return response.text().catch(() => 'broken');
}

it('whatever comes in, a status of the set goes out, in a dialect, with both ids (Z24)', async () => {
  await fc.assert(
    fc.asyncProperty(asked, async ({ path, visit: options }) => {
      const { response } = await visit(path, options);
      const text = await read(response);
      expect(allowedStatuses).toContain(response.status);
      expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{1,64}$/);
      expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
      expect(response.headers.get('content-type')).toMatch(/^(application\/json|text\/event-stream; charset=utf-8)$/);
      expect(response.status === 200 || isDialect(text)).toBe(true);
      expect(canariesIn(JSON.stringify([...response.headers]) + text)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  await settled();
  const records = await recordedRequests();
  const gateway = `https://gateway.ai.cloudflare.com/v1/${accountId}/ai-edge-router/`;
  expect(records.filter(({ url }) => url !== '' && !url.startsWith(gateway))).toEqual([]);
  expect(records.length).toBeGreaterThan(20);
  expect(canariesIn(records.map(textWithoutAuth).join() + console.text())).toEqual([]);
  expect(console.lines().filter((line) => (line as { event: string }).event === 'bug')).toEqual([]);
});
