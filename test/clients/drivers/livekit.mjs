// LiveKit's Node agents: the LLM of its OpenAI plugin.
import { initializeLogger, llm } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import OpenAI from 'openai';
import { drive, mostRounds, weatherOf, weatherSchema } from './driver.mjs';

initializeLogger({ pretty: false, level: 'silent' });

const modelOf = ({ origin, key, headers, model }) =>
  new openai.LLM({
    model,
    // The plugin has no setting for headers: a client of one's own carries them. It must not retry: the plugin does.
    client: new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, defaultHeaders: headers, maxRetries: 0 }),
    apiKey: key,
  });

const asks = {
  async stream(task) {
    const { text } = await turn(modelOf(task), contextOf(task.prompt));
    return { text };
  },
  async tools(task) {
    const cities = [];
    const weather = llm.tool({
      description: 'The weather of a city',
      parameters: weatherSchema,
      execute: async ({ city }) => {
        cities.push(city);
        return weatherOf(city);
      },
    });
    const model = modelOf(task);
    const chatCtx = contextOf(task.prompt);
    for (let round = 0; round < mostRounds; round += 1) {
      const { text, calls } = await turn(model, chatCtx, toolsOf(weather));
      if (calls.length === 0) return { text, cities };
      // As an agent's session does: one answer's calls stay together.
      chatCtx.items.push(...calls.map((call) => Object.assign(call, { groupId: `round-${round}` })));
      for (const { args, callId, name } of calls) {
        const output = await weather.execute(JSON.parse(args), {});
        chatCtx.items.push(llm.FunctionCallOutput.create({ callId, name, output, isError: false }));
      }
    }
    throw new Error('the model never came to an end');
  },
};

function toolsOf(weather) {
  return { weather };
}

function contextOf(prompt) {
  const context = llm.ChatContext.empty();
  context.addMessage({ role: 'user', content: prompt });
  return context;
}

/** One answer. A failure is an event of the model, not an exception of its stream. */
async function turn(model, chatCtx, toolCtx) {
  const failures = [];
  model.on('error', ({ error, recoverable }) => {
    if (recoverable !== true) failures.push(error);
  });
  let text = '';
  const calls = [];
  for await (const chunk of model.chat({ chatCtx, ...(toolCtx !== undefined && { toolCtx }) })) {
    text += chunk.delta?.content ?? '';
    calls.push(...(chunk.delta?.toolCalls ?? []));
  }
  if (failures.length > 0) throw failures[0];
  return { text, calls };
}

await drive(asks);
