import { beforeEach, describe, expect, it } from 'vitest';
import { catchConsole } from './canaries.ts';
import { ask, visit } from './router.ts';

beforeEach(() => {
  catchConsole();
});

describe('opencode’s configuration', () => {
  it('tells how to log in, without a key and without a word about the policy', async () => {
    const { response } = await visit('/.well-known/opencode');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      auth: { command: ['printenv', 'ROUTER_KEY'], env: 'ROUTER_KEY' },
      remote_config: {
        url: 'https://router.example/opencode.json',
        headers: { authorization: 'Bearer {env:ROUTER_KEY}' },
      },
    });
  });

  it('is not read without a key', async () => {
    const { response } = await visit('/opencode.json');
    expect(response.status).toBe(401);
  });

  it('names the models that the caller may ask for, and holds no key', async () => {
    const config = await (await ask('/opencode.json')).json();
    expect(config).toMatchObject({
      model: expect.stringMatching(/^router\/./) as string,
      provider: {
        router: {
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: 'https://router.example/v1', apiKey: '{env:ROUTER_KEY}' },
          models: { '@cf/zai-org/glm-4.7-flash': { name: '@cf/zai-org/glm-4.7-flash', tool_call: true } },
        },
      },
    });
  });

  it.each(['/.well-known/opencode', '/opencode.json'])('is read alone at %s', async (path) => {
    const response = await ask(path, {}, { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });
});
