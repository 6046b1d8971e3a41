import { describe, expect, it } from 'vitest';
import { anthropic, anthropic0 } from './anthropic-messages.ts';
import { openai } from './openai-chat.ts';
import { collect } from './raw.ts';
import { openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const slashed = 'workers-ai/@cf/moonshotai/kimi-k2.6';

describe('models', () => {
  it('are listed for the openai client', async () => {
    const models = await collect(await openai().models.list());
    expect(models.map(({ id, object }) => `${object} ${id}`)).toContain('model openai-by-chat');
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
  });

  it.each([
    ['1.x', anthropic],
    ['0.x', anthropic0],
  ])('are listed for the anthropic client %s', async (_name, connect) => {
    const models = await collect(await connect().models.list());
    expect(models.map(({ id, type }) => `${type} ${id}`)).toContain('model openai-by-chat');
  });

  it('are found by a name with slashes', async () => {
    expect((await openai().models.retrieve(slashed)).id).toBe(slashed);
    expect((await anthropic().models.retrieve(slashed)).id).toBe(slashed);
  });
});

describe('count_tokens', () => {
  it.each(targets)('counts for $name', async ({ model }) => {
    const counted = await anthropic().messages.countTokens({ model, messages: [{ role: 'user', content: 'one two' }] });
    expect(counted).toEqual({ input_tokens: expect.any(Number) });
    expect(counted.input_tokens).toBeGreaterThan(0);
  });
});
