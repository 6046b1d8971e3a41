// The official `@anthropic-ai/sdk`, Messages.
import Anthropic from '@anthropic-ai/sdk';
import { drive, mostRounds, pixel, reportSchema, weatherOf, weatherSchema } from './driver.mjs';

const clientOf = ({ origin, key, headers }) => new Anthropic({ baseURL: origin, apiKey: key, defaultHeaders: headers });

const common = { max_tokens: 512 };

const asks = {
  async text({ model, prompt, ...task }) {
    return saidIn(await clientOf(task).messages.create({ ...common, model, messages: user(prompt) }));
  },
  async stream({ model, prompt, ...task }) {
    return saidIn(await stream(clientOf(task), { model, messages: user(prompt) }));
  },
  async image({ model, prompt, ...task }) {
    const source = { type: 'base64', media_type: 'image/png', data: pixel };
    const content = [
      { type: 'image', source },
      { type: 'text', text: prompt },
    ];
    return saidIn(await stream(clientOf(task), { model, messages: user(content) }));
  },
  async schema({ model, prompt, ...task }) {
    const format = { type: 'json_schema', schema: reportSchema };
    return saidIn(await stream(clientOf(task), { model, messages: user(prompt), output_config: { format } }));
  },
  async tools({ model, prompt, ...task }) {
    const client = clientOf(task);
    const tools = [{ name: 'weather', input_schema: weatherSchema }];
    const cities = [];
    let messages = user(prompt);
    for (let round = 0; round < mostRounds; round += 1) {
      const reply = await stream(client, { model, messages, tools });
      const calls = reply.content.filter(({ type }) => type === 'tool_use');
      if (calls.length === 0) return { ...saidIn(reply), cities };
      const results = calls.map(({ id, input: { city } }) => {
        cities.push(city);
        return { type: 'tool_result', tool_use_id: id, content: weatherOf(city) };
      });
      messages = [...messages, { role: 'assistant', content: reply.content }, ...user(results)];
    }
    throw new Error('the model never came to an end');
  },
};

function user(content) {
  return [{ role: 'user', content }];
}

async function stream(client, request) {
  return client.messages.stream({ ...common, ...request }).finalMessage();
}

function saidIn({ content }) {
  const joined = (type) => content.flatMap((block) => (block.type === type ? [block[type]] : [])).join('');
  return { text: joined('text'), thinking: joined('thinking') };
}

await drive(asks);
