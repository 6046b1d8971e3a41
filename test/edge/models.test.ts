import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catchConsole } from './canaries.ts';
import { ask, putRoute, routerEnv } from './router.ts';

const glm = '@cf/zai-org/glm-4.7-flash';

// Before anything reads the list: the router remembers it for a while.
beforeAll(async () => {
  const policy = { targets: [{ model: glm, credentials: 'binding' }] };
  await routerEnv.POLICY.put('route:team/support', JSON.stringify(policy));
});
beforeEach(() => {
  catchConsole();
});

const anthropic = { headers: { 'anthropic-version': '2023-06-01' } };
describe('GET /v1/models', () => {
  it.each(['/v1/models', '/models', '/v1/v1/models', '/openai/v1/models', '/v1/models/', '/v1/models?limit=1000'])(
    'is OpenAI’s list at %s',
    async (path) => {
      const list = await (await ask(path)).json<{ object: string; data: { id: string }[] }>();
      expect(list.object).toBe('list');
      expect(list.data.find(({ id }) => id === glm)).toEqual({
        id: glm,
        object: 'model',
        created: expect.any(Number) as number,
        owned_by: 'workers-ai',
      });
      expect(new Set(list.data.map(({ id }) => id)).size).toBe(list.data.length);
    },
  );

  it.each(['/v1/models', '/anthropic/v1/models?limit=1000'])(
    'is Anthropic’s page at %s for its clients',
    async (path) => {
      const list = await (await ask(path, undefined, anthropic)).json<{ data: { id: string }[] }>();
      expect(list).toMatchObject({
        data: expect.arrayContaining([
          { type: 'model', id: glm, display_name: glm, created_at: expect.any(String) as string },
        ]) as unknown,
        has_more: false,
        first_id: list.data[0]?.id,
        last_id: list.data.at(-1)?.id,
      });
    },
  );

  it('names the routes', async () => {
    const list = await (await ask('/v1/models')).json<{ data: { id: string; owned_by: string }[] }>();
    expect(list.data.find(({ id }) => id === 'team/support')).toMatchObject({ object: 'model', owned_by: 'router' });
  });

  it('is litellm’s list at /v1/model/info', async () => {
    const info = await (await ask('/v1/model/info')).json();
    expect(info).toMatchObject({
      data: expect.arrayContaining([
        { model_name: glm, litellm_params: { model: glm }, model_info: { id: glm } },
      ]) as unknown,
    });
  });
});

describe('GET /v1/models/{id}', () => {
  it.each([
    ['raw', `workers-ai/${glm}`],
    ['encoded', encodeURIComponent(`workers-ai/${glm}`)],
    ['partly encoded, as the SDKs do it', 'workers-ai%2F@cf%2Fzai-org%2Fglm-4.7-flash'],
    ['encoded twice', encodeURIComponent(encodeURIComponent(`workers-ai/${glm}`))],
  ])('finds an id with %s slashes', async (_how, id) => {
    const response = await ask(`/v1/models/${id}`);
    expect(await response.json()).toMatchObject({ id: `workers-ai/${glm}`, object: 'model', owned_by: 'workers-ai' });
  });

  it.each(['openai/gpt-5.1', 'dynamic/support', 'custom-local/mine', 'anthropic/claude-sonnet-4-5'])(
    'finds %s, which no list names',
    async (id) => {
      expect((await ask(`/v1/models/${id}`)).status).toBe(200);
    },
  );

  it('finds a route', async () => {
    const name = await putRoute({ targets: [{ model: glm, credentials: 'binding' }] });
    expect(await (await ask(`/v1/models/${name}`, undefined, anthropic)).json()).toMatchObject({
      type: 'model',
      id: name,
    });
  });

  it.each(['gpt-5.1', 'openai', '__proto__', 'constructor', 'a%2F..%2Fb', '%00', '%F0%9F%98%80', '%', 'x'.repeat(400)])(
    'does not know %s',
    async (id) => {
      const response = await ask(`/v1/models/${id}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
    },
  );

  it('tells a name that is nearly right', async () => {
    const { error } = await (await ask('/v1/models/gpt-5.1')).json<{ error: { message: string } }>();
    expect(error.message).toMatch(
      /^The model `gpt-5.1` does not exist or you do not have access to it\. Closest: `openai\/gpt-5.1`/,
    );
  });
});

describe('a model name', () => {
  it('is resolved as a route before a pattern and a direct name', async () => {
    await routerEnv.POLICY.put(
      'route:openai/gpt-taken',
      JSON.stringify({ targets: [{ model: glm, credentials: 'binding' }] }),
    );
    const body = { model: 'openai/gpt-taken', messages: [{ role: 'user', content: 'hi' }] };
    const { headers } = await ask('/v1/chat/completions', body);
    expect([headers.get('x-router-route'), headers.get('x-router-target')]).toEqual(['openai/gpt-taken', glm]);
  });

  it.each([
    ['google/gemini-3-pro', 'google-ai-studio/gemini-3-pro'],
    ['gemini/gemini-3-pro', 'google-ai-studio/gemini-3-pro'],
    ['xai/grok-4', 'grok/grok-4'],
    ['x-ai/grok-4', 'grok/grok-4'],
    [`workers-ai/${glm}`, glm],
  ])('%s is an alias of %s', async (model, target) => {
    const name = await putRoute({ targets: [{ model, credentials: sources[target] ?? 'stored' }] });
    const { headers } = await ask('/v1/chat/completions', { model: name, messages: [{ role: 'user', content: 'hi' }] });
    expect(headers.get('x-router-target')).toBe(target);
  });
});

/** The stand-in stores no key for xAI, and Workers AI has none. */
const sources: Record<string, string> = { 'grok/grok-4': 'unified', [glm]: 'binding' };
