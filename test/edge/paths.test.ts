import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/core/call.ts';
import { readPath, type Asked } from '../../src/edge/paths.ts';

const account = '0123456789abcdef0123456789abcdef';
const inference = (endpoint: Endpoint, pathProvider?: string): Asked => ({
  kind: 'inference',
  endpoint,
  ...(pathProvider !== undefined && { pathProvider }),
});

/** Reads a path as it arrives: through the URL parser, which is what decides about dots and control characters. */
const read = (path: string): Asked => readPath(new URL(`https://router.example${path}`).pathname);

describe('readPath', () => {
  it.each<[string, Endpoint]>([
    ['/v1/chat/completions', 'chat'],
    ['/v1/messages', 'messages'],
    ['/v1/messages/count_tokens', 'count-tokens'],
    ['/v1/responses', 'responses'],
    ['/v1/embeddings', 'embeddings'],
    ['/v1/completions', 'completions'],
    ['/v1/moderations', 'moderations'],
    ['/v1/images/generations', 'images'],
  ])('knows %s', (path, endpoint) => {
    expect(read(path)).toEqual(inference(endpoint));
  });

  // clients.md 4(i) and finding 5: what one base URL makes of itself in the hands of clients and users.
  it.each<[string, Endpoint, string?]>([
    ['/chat/completions', 'chat'],
    ['/messages', 'messages'],
    ['/messages/count_tokens', 'count-tokens'],
    ['/responses', 'responses'],
    ['/embeddings', 'embeddings'],
    ['/v1/v1/messages', 'messages'],
    ['/v1/v1/chat/completions', 'chat'],
    ['/v1/v1/messages/count_tokens', 'count-tokens'],
    ['/v1/chat/completions/', 'chat'],
    ['/v1//chat/completions', 'chat'],
    ['//v1/chat/completions', 'chat'],
    ['/v1/messages?beta=true', 'messages'],
    ['/v1/chat/completions?api-version=1', 'chat'],
    ['/v1/chat/completions#x', 'chat'],
    ['/chat/completions/chat/completions', 'chat'],
    ['/v1/chat/completions/v1/chat/completions', 'chat'],
    ['/v1/messages/v1/messages', 'messages'],
    ['/v1/messages/messages/count_tokens', 'count-tokens'],
    ['/v1/responses/responses/responses', 'responses'],
    ['/v1/chat/completions/embeddings', 'embeddings'],
    ['/compat/chat/completions', 'chat'],
    ['/v1/compat/chat/completions', 'chat'],
    ['/api/v1/chat/completions', 'chat'],
    ['/ai/v1/chat/completions', 'chat'],
    ['/ai/v1/v1/messages', 'messages'],
    [`/client/v4/accounts/${account}/ai/v1/responses`, 'responses'],
    [`/client/v4/accounts/${account}/ai/v1/v1/messages`, 'messages'],
    ['/client/v4/accounts/any-name/ai/v1/embeddings', 'embeddings'],
    [`/v1/${account}/my-gateway/compat/chat/completions`, 'chat'],
    [`/${account}/my-gateway/compat/chat/completions`, 'chat'],
    ['/openai/chat/completions', 'chat', 'openai'],
    ['/openai/v1/chat/completions', 'chat', 'openai'],
    ['/openai/v1/responses', 'responses', 'openai'],
    ['/v1/openai/chat/completions', 'chat', 'openai'],
    ['/anthropic/v1/messages', 'messages', 'anthropic'],
    ['/anthropic/v1/messages/count_tokens', 'count-tokens', 'anthropic'],
    ['/google-ai-studio/v1beta/openai/chat/completions', 'chat', 'google-ai-studio'],
    ['/google/v1/chat/completions', 'chat', 'google-ai-studio'],
    ['/groq/openai/v1/chat/completions', 'chat', 'groq'],
    ['/xai/v1/chat/completions', 'chat', 'grok'],
    ['/custom-acme/v1/chat/completions', 'chat', 'custom-acme'],
    [`/v1/${account}/my-gateway/openai/chat/completions`, 'chat', 'openai'],
    [`/v1/${account}/my-gateway/anthropic/v1/messages`, 'messages', 'anthropic'],
    [`/v1/${account}/openai/anthropic/v1/messages`, 'messages', 'anthropic'],
    [`/v1/${account}/my-gateway/workers-ai/v1/chat/completions`, 'chat', 'workers-ai'],
    ['/v1/x/../chat/completions', 'chat'],
    ['/v1/%2e%2e/chat/completions', 'chat'],
  ])('takes %s for the same', (path, endpoint, provider) => {
    expect(read(path)).toEqual(inference(endpoint, provider));
  });

  // threats.md T30 and T31: what looks like it is not it.
  it.each<[string, string | undefined]>([
    ['/v1/chat%2fcompletions', 'POST /v1/chat/completions'],
    ['/v1/chat/completions;x', 'POST /v1/chat/completions'],
    ['/v1/chat/completions%00', 'POST /v1/chat/completions'],
    ['/%76%31/chat/completions', 'POST /v1/chat/completions'],
    ['/V1/Chat/Completions', 'POST /v1/chat/completions'],
    ['/v1/chat', 'POST /v1/chat/completions'],
    ['/v2/messages', 'POST /v1/messages'],
    ['/v1/response', 'POST /v1/responses'],
    ['/v1/embedding', 'POST /v1/embeddings'],
    ['/v1/modelz', 'GET /v1/models'],
    ['/evil/chat/completions', 'POST /v1/chat/completions'],
    ['/openai/anthropic/chat/completions', 'POST /v1/chat/completions'],
    ['/constructor/messages', 'POST /v1/messages'],
    ['/__proto__/messages', 'POST /v1/messages'],
    ['/v1/images/generation', 'POST /v1/images/generations'],
    ['/v1', undefined],
    ['/v1/', undefined],
    ['/healthz/x', undefined],
    [`/client/v4/accounts/${account}/ai/run/@cf/meta/llama`, undefined],
    [`/v1/${account}/my-gateway`, undefined],
  ])('does not know %s, and names the nearest: %s', (path, nearest) => {
    expect(read(path)).toEqual({ kind: 'unknown', ...(nearest !== undefined && { nearest }) });
  });

  it.each([
    ['/v1/files', 'files'],
    ['/v1/files/file_1/content', 'files'],
    ['/v1/batches', 'batches'],
    ['/v1/messages/batches', 'batches'],
    ['/v1/assistants', 'assistants'],
    ['/v1/threads/thread_1/messages', 'threads'],
    ['/v1/realtime', 'realtime sessions'],
    ['/v1/images/edits', 'edits of images'],
    ['/v1/audio/translations', 'translations of audio'],
    ['/v1/responses/resp_1', 'stored responses'],
  ])('does not serve %s, and says so: %s', (path, unserved) => {
    expect(read(path)).toEqual({ kind: 'unknown', unserved });
  });

  it.each<[string, Asked]>([
    ['/', { kind: 'root' }],
    ['//', { kind: 'root' }],
    ['/?x=1', { kind: 'root' }],
    ['/api/hello', { kind: 'root' }],
    ['/admin', { kind: 'admin' }],
    ['/v1/../admin', { kind: 'admin' }],
    ['/admin/callers/x', { kind: 'admin' }],
    ['/admin/v1/models', { kind: 'admin', nearest: 'GET /v1/models' }],
    ['/admin/v1/chat/completions', { kind: 'admin', nearest: 'POST /v1/chat/completions' }],
    ['/openapi.json', { kind: 'admin' }],
    ['/docs', { kind: 'admin' }],
    ['/admins', { kind: 'unknown' }],
    ['/docs/x', { kind: 'unknown' }],
    ['/v1/docs', { kind: 'unknown' }],
    ['/healthz', { kind: 'health' }],
    ['/.well-known/opencode', { kind: 'opencode-login' }],
    ['/opencode.json', { kind: 'opencode-config' }],
    ['/healthz/', { kind: 'health' }],
    ['/v1/models', { kind: 'models' }],
    ['/v1/models/', { kind: 'models' }],
    ['/v1/models?limit=1000', { kind: 'models' }],
    ['/models', { kind: 'models' }],
    ['/v1/v1/models', { kind: 'models' }],
    ['/openai/v1/models', { kind: 'models' }],
    ['/v1/model/info', { kind: 'model-info' }],
    ['/model/info', { kind: 'model-info' }],
    ['/evil/models', { kind: 'unknown', nearest: 'GET /v1/models' }],
  ])('reads %s', (path, asked) => {
    expect(read(path)).toEqual(asked);
  });

  // clients.md finding 18 and 4(iv).21: ids with slashes come raw, encoded and encoded twice.
  it.each([
    ['gpt-5.1', 'gpt-5.1'],
    ['openai/gpt-5.1', 'openai/gpt-5.1'],
    ['openai%2Fgpt-5.1', 'openai/gpt-5.1'],
    ['openai%252Fgpt-5.1', 'openai/gpt-5.1'],
    ['workers-ai/@cf/meta/llama', 'workers-ai/@cf/meta/llama'],
    ['workers-ai%2F@cf%2Fmeta%2Fllama', 'workers-ai/@cf/meta/llama'],
    ['workers-ai%2F%40cf%2Fmeta%2Fllama', 'workers-ai/@cf/meta/llama'],
    ['dynamic/support/', 'dynamic/support'],
    ['models/models', 'models/models'],
    ['%E0%A4%A', '%E0%A4%A'],
    ['%00', '\u0000'],
  ])('reads the id %s as %j', (path, id) => {
    expect(read(`/v1/models/${path}`)).toEqual({ kind: 'model', id });
  });

  it('gives some answer to any path, and never throws', () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'v1',
        'chat',
        'completions',
        'messages',
        'models',
        'openai',
        account,
        'client',
        'v4',
        '',
        '%',
        '..',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
        expect(readPath(`/${segments.join('/')}`)).toHaveProperty('kind');
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads a path of 16 kB, the longest there is, pasted a thousand times over', () => {
    expect(read('/v1/messages'.repeat(1_300))).toEqual(inference('messages'));
    expect(read(`${'/v1'.repeat(5_000)}/responses`)).toEqual(inference('responses'));
  });
});
