// The official `openai` package, Responses.
import OpenAI from 'openai';
import { drive, mostRounds, pixel, reportSchema, weatherOf, weatherSchema } from './driver.mjs';

const clientOf = ({ origin, key, headers }) =>
  new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, defaultHeaders: headers });

const tools = [{ type: 'function', name: 'weather', parameters: weatherSchema, strict: true }];

const asks = {
  async text({ model, prompt, ...task }) {
    const reply = await clientOf(task).responses.create({ model, input: prompt });
    return { text: reply.output_text };
  },
  async stream({ model, prompt, ...task }) {
    return { text: (await stream(clientOf(task), { model, input: prompt })).output_text };
  },
  async image({ model, prompt, ...task }) {
    const content = [
      { type: 'input_text', text: prompt },
      { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${pixel}` },
    ];
    const reply = await stream(clientOf(task), { model, input: [{ role: 'user', content }] });
    return { text: reply.output_text };
  },
  async schema({ model, prompt, ...task }) {
    const format = { type: 'json_schema', name: 'report', strict: true, schema: reportSchema };
    const reply = await clientOf(task).responses.parse({ model, input: prompt, text: { format } });
    return { text: reply.output_text };
  },
  async tools({ model, prompt, ...task }) {
    const client = clientOf(task);
    const cities = [];
    let input = [{ role: 'user', content: prompt }];
    for (let round = 0; round < mostRounds; round += 1) {
      const reply = await stream(client, { model, input, tools, store: false });
      const calls = reply.output.filter(({ type }) => type === 'function_call');
      if (calls.length === 0) return { text: reply.output_text, cities };
      const results = calls.map(({ call_id: id, arguments: text }) => {
        const { city } = JSON.parse(text);
        cities.push(city);
        return { type: 'function_call_output', call_id: id, output: weatherOf(city) };
      });
      input = [...input, ...reply.output, ...results];
    }
    throw new Error('the model never came to an end');
  },
};

async function stream(client, request) {
  const reply = await client.responses.stream(request).finalResponse();
  // The helper gives a failed answer like any other; its user looks at the status.
  if (reply.status === 'failed') throw new Error(`${reply.error?.code}: ${reply.error?.message}`);
  return reply;
}

await drive(asks);
