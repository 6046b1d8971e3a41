import { createOpenAI } from '@ai-sdk/openai';
import { embedMany } from 'ai';
import { describe, expect, it } from 'vitest';
import { embed } from '../../src/local/embeddings.ts';
import { recordedRequests } from '../support/standin.ts';
import { openai } from './openai-chat.ts';
import { access, arrivals, openRouter, origin } from './router.ts';
import { targets } from './targets.ts';

openRouter();

const input = ['hello there', 'grüße ☀'];
const models = [
  { model: '@cf/baai/bge-m3', dimensions: 1024 },
  { model: 'openai/text-embedding-3-small', dimensions: 1536 },
];

describe.each(models)('embeddings of $model', ({ model, dimensions }) => {
  const vectors = input.map((text) => embed(text, dimensions));

  it('come to the openai client, which asks for base64 by itself', async () => {
    const list = await openai().embeddings.create({ model, input });
    expect(list.data.map(({ index, embedding }) => [index, [...embedding]])).toEqual([...vectors.entries()]);
    expect(list.usage.prompt_tokens).toBeGreaterThan(0);
  });

  it('come as numbers where these are asked for', async () => {
    const list = await openai().embeddings.create({ model, input, encoding_format: 'float' });
    expect(list.data).toEqual(vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })));
  });

  it('come to the AI SDK', async () => {
    const { key, fetch } = access;
    const provider = createOpenAI({ baseURL: `${origin}/v1`, apiKey: key, fetch });
    const { embeddings } = await embedMany({ model: provider.embedding(model), values: input, maxRetries: 0 });
    expect(embeddings).toEqual(vectors);
  });
});

it('asks OpenAI for what the client wants, and Workers AI in its own words', async () => {
  for (const { model } of models) await openai().embeddings.create({ model, input: 'one' });
  expect(await arrivals()).toEqual([
    { surface: 'binding', path: '', model: '@cf/baai/bge-m3', keys: {} },
    { surface: 'gateway', path: 'openai/embeddings', model: 'text-embedding-3-small', keys: storedKeys() },
  ]);
  const [first, second] = await recordedRequests();
  expect([first?.inputs, JSON.parse(second?.body ?? '')]).toEqual([
    { text: ['one'] },
    { model: 'text-embedding-3-small', input: 'one', encoding_format: 'base64' },
  ]);
});

function storedKeys(): unknown {
  return targets.find(({ name }) => name === 'OpenAI by chat')?.arrival('chat').keys;
}
