import { env, exports } from 'cloudflare:workers';
import { it, expect } from 'vitest';
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import Anthropic0 from 'anthropic-sdk-0';
import { recordedRequests } from '../support/standin.ts';
import { generateText, streamText } from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
const fetchRouter = async (i: any, init: any) => (exports as any).default.fetch(i, init);
it('x', async () => {
  const t0 = performance.now();
  const c = new OpenAI({ baseURL: 'http://router.test/v1', apiKey: 'sk-router-local-0000', fetch: fetchRouter, maxRetries: 0 });
  const r = await c.chat.completions.create({ model: '@cf/moonshotai/kimi-k2.6', messages: [{ role: 'user', content: 'hello there' }] });
  console.log(JSON.stringify(r));
  const s = await c.chat.completions.stream({ model: 'openai/gpt-5.1', messages: [{ role: 'user', content: 'hello there' }] }).finalChatCompletion();
  console.log(JSON.stringify(s));
  const ab = await c.chat.completions.create({ model: 'openai/gpt-5.1', stream: true, messages: [{ role: 'user', content: '!stall' }] });
  for await (const e of ab) { console.log(JSON.stringify(e)); if (e.choices[0]?.delta.content) break; }
  await scheduler.wait(50);
  console.log(JSON.stringify((await recordedRequests()).map((r) => [r.url, r.cancelled])));
  const ai = createOpenAI({ baseURL: 'http://router.test/v1', apiKey: 'sk-router-local-0000', fetch: fetchRouter as any });
  const g = await generateText({ model: ai('anthropic/claude-sonnet-4-5'), prompt: 'hello there', maxRetries: 0 });
  console.log(g.text, JSON.stringify(g.usage));
});
