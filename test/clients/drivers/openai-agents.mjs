// `@openai/agents`, by Responses or by Chat Completions, as the argument says.
import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import OpenAI from 'openai';
import { drive, mostRounds, pixel, reportSchema, weatherOf, weatherSchema } from './driver.mjs';

// Traces go to api.openai.com.
setTracingDisabled(true);

const runnerOf = ({ origin, key, headers }) =>
  new Runner({
    tracingDisabled: true,
    modelProvider: new OpenAIProvider({
      openAIClient: new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, defaultHeaders: headers }),
      useResponses: process.argv[2] === 'responses',
    }),
  });

const asks = {
  async text(task) {
    const result = await runnerOf(task).run(agentOf(task), task.prompt);
    return { text: result.finalOutput };
  },
  async stream(task) {
    return run(task, {}, task.prompt);
  },
  async image(task) {
    const content = [
      { type: 'input_text', text: task.prompt },
      { type: 'input_image', image: `data:image/png;base64,${pixel}` },
    ];
    return run(task, {}, [{ role: 'user', content }]);
  },
  async schema(task) {
    const outputType = { type: 'json_schema', name: 'report', strict: true, schema: reportSchema };
    const result = await runnerOf(task).run(agentOf(task, { outputType }), task.prompt);
    return { text: JSON.stringify(result.finalOutput) };
  },
  async tools(task) {
    const cities = [];
    const weather = tool({
      name: 'weather',
      description: 'The weather of a city',
      parameters: weatherSchema,
      strict: true,
      execute: ({ city }) => {
        cities.push(city);
        return weatherOf(city);
      },
    });
    return { ...(await run(task, { tools: [weather] }, task.prompt)), cities };
  },
};

function agentOf({ model }, more = {}) {
  return new Agent({ name: 'reporter', instructions: 'Answer in few words.', model, ...more });
}

async function run(task, more, input) {
  const result = await runnerOf(task).run(agentOf(task, more), input, { stream: true, maxTurns: mostRounds });
  await result.completed;
  return { text: result.finalOutput };
}

await drive(asks);
