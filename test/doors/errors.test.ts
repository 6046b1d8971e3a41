import { describe, expect, it } from 'vitest';
import type { Door } from './door.ts';
import { doors } from './doors.ts';
import { arrivals, openRouter } from './router.ts';
import { targets, wires } from './targets.ts';
import { thrownBy } from './thrown.ts';

openRouter();

/** The class that a door throws: the AI SDK has one for every status. */
function kindAt({ name }: Door, kind: string): string {
  return name.startsWith('@ai-sdk') ? 'AI_APICallError' : kind;
}

describe.each(doors)('$name', (door) => {
  const { open } = door;

  it('throws an authentication error for a wrong key, and nothing goes upstream', async () => {
    const thrown = await thrownBy(open('openai-by-chat', { key: 'sk-somebody-elses-key' }).say('hi'));
    expect(thrown).toMatchObject({ kind: kindAt(door, 'AuthenticationError'), status: 401 });
    expect(thrown.message).toContain('Incorrect API key provided: sk-');
    expect(thrown.message).not.toContain('sk-somebody-elses-key');
    expect(thrown.requestId).toMatch(/^req_\w+$/);
    expect(await arrivals()).toEqual([]);
  });

  it('throws a not-found error for an unknown model, with the nearest names', async () => {
    const thrown = await thrownBy(open('openai-by-chats').say('hi'));
    expect(thrown).toMatchObject({ kind: kindAt(door, 'NotFoundError'), status: 404 });
    expect(thrown.message).toContain('does not exist or you do not have access to it');
    expect(thrown.message).toContain('openai-by-chat`');
    expect(await arrivals()).toEqual([]);
  });

  it.each(['openai-revoked', 'anthropic-revoked'])(
    'never throws an authentication error for the bad key of %s',
    async (model) => {
      const thrown = await thrownBy(open(model).say('hi'));
      expect(thrown).toMatchObject({ kind: kindAt(door, 'InternalServerError'), status: 502 });
      expect(thrown.message).toContain('The provider refused the key');
      expect(thrown.message).not.toContain('sk-stored');
      expect(thrown.headers.get('x-should-retry')).toBe('false');
    },
  );

  it.each(targets)('throws a rate-limit error with the time to wait for $name', async ({ model }) => {
    const thrown = await thrownBy(open(model).say('!fail 429 rate_limit_exceeded !retry-after 7'));
    expect(thrown).toMatchObject({ kind: kindAt(door, 'RateLimitError'), status: 429 });
    const names = ['retry-after', 'retry-after-ms', 'x-should-retry'];
    expect(names.map((name) => thrown.headers.get(name))).toEqual(['7', '7000', 'true']);
    expect(thrown.requestId).toMatch(/^req_\w+$/);
  });

  it.each(wires)('throws a server error where $name fails', async ({ model }) => {
    const thrown = await thrownBy(open(model).say('!fail 500'));
    expect(thrown).toMatchObject({ kind: kindAt(door, 'InternalServerError'), status: 502 });
    expect(thrown.requestId).toMatch(/^req_\w+$/);
  });

  it.each([
    ['OpenAI', 'openai-by-chat', '!fail 400 context_length_exceeded', '9000 tokens > 8192'],
    ['OpenAI by responses', 'openai-by-responses', '!fail 400 context_length_exceeded', '9000 tokens > 8192'],
    ['Anthropic', 'claude-sonnet-4-5', '!fail 400 context_length_exceeded', '210000 tokens > 200000'],
    ['Workers AI', '@cf/moonshotai/kimi-k2.6', '!fail 400 5021', ''],
  ])('is told in the clients’ own phrases that the prompt is too long for %s', async (_name, model, text, numbers) => {
    const thrown = await thrownBy(open(model).say(text));
    expect(thrown).toMatchObject({ kind: kindAt(door, 'BadRequestError'), status: 400 });
    expect(thrown.message).toMatch(/prompt is too long/);
    expect(thrown.message).toMatch(/this model's maximum context length/i);
    expect(thrown.message).toContain(numbers);
  });

  it.each(['!html', '!empty', '!error-200', '!redirect'])(
    'throws where %s comes in place of an answer',
    async (text) => {
      const thrown = await thrownBy(open('@cf/moonshotai/kimi-k2.6').say(text));
      expect(thrown).toMatchObject({ kind: kindAt(door, 'InternalServerError'), status: 502 });
    },
  );
});
