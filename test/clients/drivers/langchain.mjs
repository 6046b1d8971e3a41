// LangChain JS with one of its chat models, named by the argument.
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { drive, mostRounds, pixel, reportSchema, weatherOf, weatherSchema } from './driver.mjs';

// Its own default is six retries with growing waits: two show the same in a tenth of the time.
const maxRetries = 2;

const openai = ({ origin, key, headers, model }, more = {}) =>
  new ChatOpenAI({
    model,
    apiKey: key,
    maxRetries,
    configuration: { baseURL: `${origin}/v1`, defaultHeaders: headers },
    ...more,
  });
const models = {
  chat: (task) => openai(task),
  responses: (task) => openai(task, { useResponsesApi: true }),
  messages: ({ origin, key, headers, model }) =>
    new ChatAnthropic({
      model,
      apiKey: key,
      maxRetries,
      maxTokens: 512,
      anthropicApiUrl: origin,
      clientOptions: { defaultHeaders: headers },
    }),
};
const modelOf = models[process.argv[2]];

const pictures = {
  chat: { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
  responses: { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
  messages: { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
};

const asks = {
  async text(task) {
    return { text: (await modelOf(task).invoke(task.prompt)).text };
  },
  async stream(task) {
    return { text: (await gather(modelOf(task), task.prompt)).text };
  },
  async image(task) {
    const content = [{ type: 'text', text: task.prompt }, pictures[process.argv[2]]];
    return { text: (await gather(modelOf(task), [new HumanMessage({ content })])).text };
  },
  async schema(task) {
    const structured = modelOf(task).withStructuredOutput(reportSchema, { name: 'report', method: 'jsonSchema' });
    return { text: JSON.stringify(await structured.invoke(task.prompt)) };
  },
  async embeddings({ origin, key, model, prompt }) {
    const embeddings = new OpenAIEmbeddings({ model, apiKey: key, configuration: { baseURL: `${origin}/v1` } });
    const vectors = await embeddings.embedDocuments([prompt]);
    return { vectors: vectors.map(({ length }) => length) };
  },
  async tools(task) {
    const cities = [];
    const weather = tool(
      ({ city }) => {
        cities.push(city);
        return weatherOf(city);
      },
      { name: 'weather', description: 'The weather of a city', schema: weatherSchema },
    );
    const model = modelOf(task).bindTools([weather]);
    const messages = [new HumanMessage(task.prompt)];
    for (let round = 0; round < mostRounds; round += 1) {
      const reply = await gather(model, messages);
      const calls = reply.tool_calls ?? [];
      if (calls.length === 0) return { text: reply.text, cities };
      messages.push(reply);
      for (const call of calls) {
        messages.push(new ToolMessage({ tool_call_id: call.id, content: await weather.invoke(call.args) }));
      }
    }
    throw new Error('the model never came to an end');
  },
};

/** The chunks of a stream as one message. */
async function gather(model, input) {
  let whole;
  for await (const chunk of await model.stream(input)) whole = whole === undefined ? chunk : whole.concat(chunk);
  return whole;
}

await drive(asks);
