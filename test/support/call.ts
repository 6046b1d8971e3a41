import { endpoints, type Call, type Endpoint } from '../../src/core/call.ts';
import type { JsonObject } from '../../src/core/json.ts';

/** A small valid body of each endpoint, without the model. */
export const bodies: Readonly<Record<Endpoint, JsonObject>> = {
  chat: { messages: [{ role: 'user', content: 'hi' }] },
  messages: { max_tokens: 64, messages: [{ role: 'user', content: 'hi' }] },
  'count-tokens': { messages: [{ role: 'user', content: 'hi' }] },
  responses: { input: 'hi' },
  embeddings: { input: ['hi'] },
  completions: { prompt: 'hi' },
  moderations: { input: 'hi' },
  images: { prompt: 'a cat' },
  speech: { input: 'hi', voice: 'alloy' },
  // A form, in fact: test/doors/audio.test.ts has it.
  transcriptions: {},
};

/** A call as the door reads it. Headers and body may be given; the rest follows from the endpoint. */
export function callOf(
  endpoint: Endpoint,
  options: { model: string; headers?: Record<string, string>; body?: JsonObject; callerKey?: string },
): Call {
  const body = { model: options.model, ...(options.body ?? bodies[endpoint]) };
  return {
    requestId: 'req_1',
    endpoint,
    dialect: endpoints[endpoint].dialect,
    caller: { name: 'router', kind: 'bootstrap' },
    model: options.model,
    stream: false,
    includeUsage: false,
    choices: 1,
    body: new TextEncoder().encode(JSON.stringify(body)),
    json: () => body,
    region: {},
    headers: new Headers(options.headers),
    ...(options.callerKey !== undefined && { callerKey: options.callerKey }),
    signal: new AbortController().signal,
  };
}
