import { beforeEach, describe, expect, it } from 'vitest';
import { catchConsole } from './canaries.ts';
import { ask, putRoute } from './router.ts';

beforeEach(() => {
  catchConsole();
});

const kimi = { model: '@cf/moonshotai/kimi-k2.6', credentials: 'binding' };
const hosted = { input: '!say hi', tools: [{ type: 'web_search' }] };

describe('a hosted tool that an agent only offers', () => {
  it('is left out and named where the policy says nothing', async () => {
    const response = await ask('/v1/responses', { model: await putRoute({ targets: [kimi] }), ...hosted });
    expect([response.status, response.headers.get('x-router-losses')]).toEqual([200, 'tools[].type web_search']);
  });

  it('is left out and named on a direct name', async () => {
    const response = await ask('/v1/responses', { model: kimi.model, ...hosted });
    expect([response.status, response.headers.get('x-router-losses')]).toEqual([200, 'tools[].type web_search']);
  });

  it('is refused where the policy refuses losses', async () => {
    const model = await putRoute({ targets: [kimi], losses: 'refuse' });
    const response = await ask('/v1/responses', { model, ...hosted });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('web_search');
  });

  it('is refused where the caller forces it', async () => {
    const forced = { ...hosted, tool_choice: { type: 'web_search' } };
    const response = await ask('/v1/responses', { model: await putRoute({ targets: [kimi] }), ...forced });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('web_search');
  });

  it('is no excuse for another loss', async () => {
    const model = await putRoute({ targets: [kimi] });
    const response = await ask('/v1/responses', { model, ...hosted, previous_response_id: 'resp_1' });
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('web_search');
  });
});

describe('context_management of Anthropic', () => {
  it('is no reason to refuse: Claude Code sends it with every request', async () => {
    const body = {
      max_tokens: 99,
      messages: [{ role: 'user', content: '!say hi' }],
      context_management: { edits: [] },
    };
    const response = await ask('/v1/messages', { model: kimi.model, ...body });
    expect([response.status, response.headers.get('x-router-losses')]).toEqual([200, 'context_management']);
  });
});
