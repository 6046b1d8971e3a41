// The official `openai` package, Chat Completions.
import OpenAI from 'openai';
import { drive, mostRounds, pixel, reportSchema, weatherOf, weatherSchema } from './driver.mjs';

const clientOf = ({ origin, key, headers }) =>
  new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, defaultHeaders: headers });
const user = (content) => [{ role: 'user', content }];

const asks = {
  async text({ model, prompt, ...task }) {
    const client = clientOf(task);
    const reply = await client.chat.completions.create({ model, messages: user(prompt) });
    return { text: reply.choices[0].message.content };
  },
  async stream({ model, prompt, ...task }) {
    const client = clientOf(task);
    return stream(client, { model, messages: user(prompt) });
  },
  async image({ model, prompt, ...task }) {
    const client = clientOf(task);
    const picture = { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } };
    return stream(client, { model, messages: user([{ type: 'text', text: prompt }, picture]) });
  },
  async schema({ model, prompt, ...task }) {
    const client = clientOf(task);
    const reply = await client.chat.completions.parse({
      model,
      messages: user(prompt),
      response_format: { type: 'json_schema', json_schema: { name: 'report', strict: true, schema: reportSchema } },
    });
    return { text: reply.choices[0].message.content };
  },
  async embeddings({ model, prompt, ...task }) {
    const client = clientOf(task);
    const { data } = await client.embeddings.create({ model, input: prompt });
    return { vectors: data.map(({ embedding }) => embedding.length) };
  },
  async tools({ model, prompt, ...task }) {
    const client = clientOf(task);
    const cities = [];
    const run = ({ city }) => {
      cities.push(city);
      return weatherOf(city);
    };
    const runner = client.chat.completions.runTools(
      {
        model,
        stream: true,
        messages: user(prompt),
        tools: [
          {
            type: 'function',
            function: { name: 'weather', parameters: weatherSchema, function: run, parse: JSON.parse },
          },
        ],
      },
      { maxChatCompletions: mostRounds },
    );
    return { text: await runner.finalContent(), cities };
  },
};

async function stream(client, request) {
  // The helper, which is the stricter of the two ways to read a stream.
  const helper = client.chat.completions.stream(request);
  const { choices } = await helper.finalChatCompletion();
  return { text: choices[0].message.content };
}

await drive(asks);
