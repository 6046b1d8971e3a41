import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodies } from '../support/call.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { catchConsole } from './canaries.ts';
import { ask, putRoute, routerEnv } from './router.ts';

beforeAll(async () => {
  await routerEnv.POLICY.put('defaults', JSON.stringify({ directNames: false, maxBodyBytes: 2048 }));
  await routerEnv.POLICY.put('patterns', JSON.stringify([{ match: 'gpt-*', model: 'openai/{model}' }]));
});
beforeEach(async () => {
  catchConsole();
  await clearRequests();
});

const target = { model: 'openai/gpt-5.1', credentials: 'stored' };

describe('where direct names are switched off', () => {
  it.each(['openai/gpt-5.1', '@cf/zai-org/glm-4.7-flash', 'dynamic/support', 'custom-local/x', 'gpt-5.1'])(
    '%s is refused (T35)',
    async (model) => {
      const response = await ask('/v1/chat/completions', { ...bodies.chat, model });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ error: { type: 'permission_error', code: 'model_not_allowed' } });
      expect(await recordedRequests()).toEqual([]);
    },
  );

  it('a route still answers', async () => {
    const model = await putRoute({ targets: [target] });
    expect((await ask('/v1/chat/completions', { ...bodies.chat, model })).status).toBe(200);
  });

  it('the list names routes alone', async () => {
    const list = await (await ask('/v1/models')).json<{ data: { id: string }[] }>();
    expect(list.data.filter(({ id }) => !id.startsWith('test-'))).toEqual([]);
  });
});

describe('a body over the limit of the policy', () => {
  const fits = JSON.stringify({ ...bodies.chat, model: 'gpt-5.1', user: 'u'.repeat(1000) });
  const over = JSON.stringify({ ...bodies.chat, model: 'gpt-5.1', user: 'u'.repeat(3000) });
  const json = { 'content-type': 'application/json' };

  /** A body without a length, in pieces. */
  function piecewise(text: string): ReadableStream {
    return new Blob([text]).stream();
  }

  it.each([
    ['with its length (T44)', over, json],
    ['without a length (T45)', piecewise(over), json],
    ['with an understated length (T45)', piecewise(over), { ...json, 'content-length': '10' }],
    ['with an overstated length', piecewise(fits), { ...json, 'content-length': '999999999999' }],
  ])('is a 413 %s', async (_how, body, headers) => {
    const response = await ask('/v1/chat/completions', body, { headers });
    const { error } = await response.json<{ error: { message: string; code: string } }>();
    expect([response.status, error.code]).toEqual([413, 'request_too_large']);
    // litellm takes that phrase for a rate limit.
    expect(error.message).not.toContain('Request too large');
  });

  it('is a request_too_large to Anthropic’s clients', async () => {
    const response = await ask('/v1/messages', over, { headers: json });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
  });

  it('is refused for the model and not for its size where it fits', async () => {
    expect((await ask('/v1/chat/completions', fits, { headers: json })).status).toBe(403);
  });
});
