import { describe, expect, it } from 'vitest';
import { drawImage } from '../../src/local/one-shot.ts';
import { createdSeconds } from '../../src/local/wire.ts';
import { recordedRequests } from '../support/standin.ts';
import { openai } from './openai-chat.ts';
import { arrivals, openRouter } from './router.ts';
import { targets } from './targets.ts';

openRouter();

describe('the openai client', () => {
  it('gets a completion', async () => {
    const { choices, usage } = await openai().completions.create({
      model: 'openai/gpt-3.5-turbo-instruct',
      prompt: 'Say something. !say hello',
      max_tokens: 20,
    });
    expect(choices).toEqual([{ text: 'hello', index: 0, logprobs: null, finish_reason: 'stop' }]);
    expect(usage).toEqual({ prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 });
  });

  it('gets a moderation of each input', async () => {
    const { results } = await openai().moderations.create({
      model: 'openai/omni-moderation-latest',
      input: ['good', 'harmful'],
    });
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true]);
  });

  it('gets as many images as it asks for', async () => {
    const answer = await openai().images.generate({ model: 'openai/gpt-image-1', prompt: 'a cat', n: 2 });
    expect(answer).toMatchObject({
      created: createdSeconds,
      data: [{ b64_json: drawImage('a cat') }, { b64_json: drawImage('a cat') }],
      usage: { input_tokens: 2, output_tokens: 1056, total_tokens: 1058 },
    });
  });

  it('reaches the provider with its own path, the model alone changed, and the credentials of chat', async () => {
    const client = openai();
    await client.completions.create({ model: 'openai/gpt-3.5-turbo-instruct', prompt: 'hi', suffix: '.' });
    await client.moderations.create({ model: 'openai/omni-moderation-latest', input: 'hi' });
    await client.images.generate({ model: 'openai/gpt-image-1', prompt: 'a cat', size: '1024x1024' });
    expect(await arrivals()).toEqual([
      { surface: 'gateway', path: 'openai/completions', model: 'gpt-3.5-turbo-instruct', keys: storedKeys() },
      { surface: 'gateway', path: 'openai/moderations', model: 'omni-moderation-latest', keys: storedKeys() },
      { surface: 'gateway', path: 'openai/images/generations', model: 'gpt-image-1', keys: storedKeys() },
    ]);
    const sent = (await recordedRequests()).map(({ body }) => JSON.parse(body) as unknown);
    expect(sent).toEqual([
      { model: 'gpt-3.5-turbo-instruct', prompt: 'hi', suffix: '.' },
      { model: 'omni-moderation-latest', input: 'hi' },
      { model: 'gpt-image-1', prompt: 'a cat', size: '1024x1024' },
    ]);
  });

  it('is told who has no such endpoint, before anything is sent', async () => {
    await expect(openai().moderations.create({ model: 'anthropic/claude-sonnet-4-5', input: 'hi' })).rejects.toThrow(
      '400 Cannot serve OpenAI moderations from anthropic/claude-sonnet-4-5: it speaks messages.',
    );
    await expect(openai().moderations.create({ model: '@cf/zai-org/glm-5.2', input: 'hi' })).rejects.toThrow(
      '400 Cannot serve OpenAI moderations from @cf/zai-org/glm-5.2: it speaks chat and embeddings and images and speech and transcriptions.',
    );
    expect(await recordedRequests()).toEqual([]);
  });

  it('is told that images are not streamed', async () => {
    await expect(
      openai().images.generate({ model: 'openai/gpt-image-1', prompt: 'a cat', stream: true }),
    ).rejects.toThrow('400 Cannot stream /v1/images/generations: it answers whole. Leave "stream" out.');
  });
});

function storedKeys(): unknown {
  return targets.find(({ name }) => name === 'OpenAI by chat')?.arrival('chat').keys;
}
