// The AI SDK with one of its three providers, named by the argument.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateText, isStepCount, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { drive, mostRounds, pixel, reportSchema, weatherOf, weatherSchema } from './driver.mjs';

const providers = {
  compatible: ({ origin, key, headers }) =>
    createOpenAICompatible({
      name: 'router',
      baseURL: `${origin}/v1`,
      apiKey: key,
      headers,
      includeUsage: true,
      supportsStructuredOutputs: true,
    }),
  openai: ({ origin, key, headers }) => createOpenAI({ baseURL: `${origin}/v1`, apiKey: key, headers }),
  anthropic: ({ origin, key, headers }) => createAnthropic({ baseURL: `${origin}/v1`, apiKey: key, headers }),
};
const provide = providers[process.argv[2]];
const stopAfter = isStepCount ?? stepCountIs;

const asks = {
  async text({ model, prompt, ...task }) {
    const { text } = await generateText({ model: provide(task)(model), prompt });
    return { text };
  },
  async stream({ model, prompt, ...task }) {
    return gather({ model: provide(task)(model), prompt });
  },
  async image({ model, prompt, ...task }) {
    const content = [
      { type: 'text', text: prompt },
      { type: 'file', mediaType: 'image/png', data: pixel },
    ];
    return gather({ model: provide(task)(model), messages: [{ role: 'user', content }] });
  },
  async schema({ model, prompt, ...task }) {
    const output = Output.object({ schema: jsonSchema(reportSchema) });
    const { text } = await generateText({ model: provide(task)(model), prompt, output });
    return { text };
  },
  async embeddings({ model, prompt, ...task }) {
    const provider = provide(task);
    const { embeddings } = await embedMany({
      model: provider.textEmbeddingModel?.(model) ?? provider.embeddingModel(model),
      values: [prompt],
    });
    return { vectors: embeddings.map(({ length }) => length) };
  },
  async tools({ model, prompt, ...task }) {
    const cities = [];
    const execute = async ({ city }) => {
      cities.push(city);
      return weatherOf(city);
    };
    const weather = tool({ inputSchema: jsonSchema(weatherSchema), execute });
    const said = await gather({
      model: provide(task)(model),
      prompt,
      tools: { weather },
      stopWhen: stopAfter(mostRounds),
    });
    return { ...said, cities };
  },
};

/** Reads the parts as a user of `streamText` does: failures come as parts, not as exceptions. */
async function gather(request) {
  const result = streamText({ ...request, onError: () => undefined });
  let text = '';
  let thinking = '';
  let isEnded = false;
  for await (const part of result.fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-delta') text += part.text;
    if (part.type === 'reasoning-delta') thinking += part.text;
    if (part.type === 'finish') isEnded = true;
  }
  if (!isEnded) throw new Error('the stream had no end');
  return { text, thinking };
}

await drive(asks);
