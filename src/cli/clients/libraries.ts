import { examplePlaceholders, type ClientBlock } from './block.ts';

const { url, key } = examplePlaceholders;

/** Libraries, voice and the shell. */
export const libraryBlocks: readonly ClientBlock[] = [
  {
    name: 'livekit',
    title: 'LiveKit',
    note: 'No constructor of its own, no second layer of auth: the `cf-aig-*` options are headers, and the policy says which of them count (`allow`).',
    parts: [
      {
        language: 'python',
        text: `
import asyncio
from livekit.agents import llm
from livekit.plugins import openai

async def main():
    model = openai.LLM(
        model="dynamic/support",
        base_url="${url}/v1",
        api_key="${key}",
        extra_headers={"cf-aig-metadata": '{"room":"lobby"}'},
    )
    context = llm.ChatContext.empty()
    context.add_message(role="user", content="Say hello")
    async with model.chat(chat_ctx=context) as stream:
        async for chunk in stream:
            if chunk.delta and chunk.delta.content:
                print(chunk.delta.content, end="")

asyncio.run(main())
`,
      },
    ],
  },
  {
    name: 'openai-python',
    title: 'OpenAI SDK, Python',
    parts: [
      {
        language: 'python',
        text: `
from openai import OpenAI

client = OpenAI(base_url="${url}/v1", api_key="${key}")
reply = client.chat.completions.create(
    model="workers-ai/@cf/moonshotai/kimi-k2.6",
    messages=[{"role": "user", "content": "Say hello"}],
)
print(reply.choices[0].message.content)
`,
      },
    ],
  },
  {
    name: 'openai-node',
    title: 'OpenAI SDK, Node',
    parts: [
      {
        language: 'js',
        text: `
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' });
const reply = await client.responses.create({ model: 'anthropic/claude-sonnet-4-5', input: 'Say hello' });
console.log(reply.output_text);
`,
      },
    ],
  },
  {
    name: 'anthropic-python',
    title: 'Anthropic SDK, Python',
    parts: [
      {
        language: 'python',
        text: `
from anthropic import Anthropic

client = Anthropic(base_url="${url}", api_key="${key}")
reply = client.messages.create(
    model="claude-sonnet-4-5",
    max_tokens=256,
    messages=[{"role": "user", "content": "Say hello"}],
)
print(reply.content[0].text)
`,
      },
    ],
  },
  {
    name: 'anthropic-node',
    title: 'Anthropic SDK, Node',
    parts: [
      {
        language: 'js',
        text: `
import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: '${url}', apiKey: '${key}' });
const reply = await client.messages.create({
  model: 'openai/gpt-5.1',
  max_tokens: 256,
  messages: [{ role: 'user', content: 'Say hello' }],
});
console.log(reply.content.map((block) => block.text ?? '').join(''));
`,
      },
    ],
  },
  {
    name: 'ai-sdk',
    title: 'AI SDK',
    note: "`ai-gateway-provider` and `workers-ai-provider` have Cloudflare's hosts hard-coded: use this one instead. `createOpenAI` (Responses) and `createAnthropic` (Messages) take the same `baseURL`, `/v1` included.",
    parts: [
      {
        language: 'js',
        text: `
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText } from 'ai';

const router = createOpenAICompatible({
  name: 'router',
  baseURL: '${url}/v1',
  apiKey: '${key}',
  supportsStructuredOutputs: true,
});
const { text } = await generateText({ model: router('dynamic/support'), prompt: 'Say hello' });
console.log(text);
`,
      },
    ],
  },
  {
    name: 'langchain',
    title: 'LangChain',
    parts: [
      {
        language: 'js',
        text: `
import { ChatOpenAI } from '@langchain/openai';

const model = new ChatOpenAI({
  model: 'workers-ai/@cf/moonshotai/kimi-k2.6',
  apiKey: '${key}',
  configuration: { baseURL: '${url}/v1' },
});
console.log((await model.invoke('Say hello')).text);
`,
      },
    ],
  },
  {
    name: 'litellm',
    title: 'litellm',
    parts: [
      {
        language: 'python',
        text: `
import litellm

reply = litellm.completion(
    model="openai/dynamic/support",
    api_base="${url}/v1",
    api_key="${key}",
    messages=[{"role": "user", "content": "Say hello"}],
)
print(reply.choices[0].message.content)
`,
      },
    ],
  },
  {
    name: 'curl',
    title: 'curl',
    parts: [
      {
        language: 'sh',
        text: `
curl -sS --fail-with-body ${url}/v1/chat/completions \\
  -H 'authorization: Bearer ${key}' -H 'content-type: application/json' \\
  -d '{"model":"dynamic/support","messages":[{"role":"user","content":"Say hello"}]}'
`,
      },
    ],
  },
];
