import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { Task } from './task.ts';

/** One thing that a client is put through. */
export interface Scenario {
  readonly name: string;
  /** In a few words, for the list of scenarios. */
  readonly says: string;
  readonly ask: Task['ask'];
  /** Absent: the dialect's own, {@link homeModels}. */
  readonly model?: string | Readonly<Record<ConversationDialect, string>>;
  /** The prompt; the stand-in obeys the commands in it. A tool's call is the client's own, hence the function. */
  readonly prompt: (tool: ToolCall) => string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly wrongKey?: true;
  readonly expects: Expectation;
  /** The most requests that may reach the stand-in; a client with retries or side calls of its own has its own bound. */
  readonly most: number;
  /** Texts that must stand in what reached the stand-in. */
  readonly upstream?: readonly string[];
}

/** What must come back. Texts are looked for in what the client shows. */
export type Expectation =
  | { readonly kind: 'text'; readonly text: string; readonly thinks?: true; readonly cities?: readonly string[] }
  | { readonly kind: 'vectors'; readonly lengths: readonly number[] }
  /** The client shows a failure that matches: never half an answer as if it were whole. */
  | { readonly kind: 'error'; readonly matches: RegExp };

/** Writes the command that makes the stand-in call a tool which reports the weather of a city. */
export type ToolCall = (city: string) => string;

/** The models of the scenarios that are about no model: relayed in the client's own dialect. */
export const homeModels: Readonly<Record<ConversationDialect, string>> = {
  chat: 'openai/gpt-5.1',
  messages: 'anthropic/claude-sonnet-4-5',
  responses: 'openai/gpt-5.1',
};

/** The same with clocks of seconds. */
const impatient: Readonly<Record<ConversationDialect, string>> = {
  chat: 'impatient',
  messages: 'claude-impatient',
  responses: 'impatient',
};

const hello = { kind: 'text', text: 'Hello from the edge' } as const;
const sayHello = (): string => '!say Hello from the edge';
const sunny = { kind: 'text', text: 'It is sunny in both', cities: ['Lisbon', 'Oslo'] } as const;

/** A picture of one pixel. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** What every client is put through, as far as it can: its row in {@link ./clients.ts} says which it cannot. */
export const scenarios: readonly Scenario[] = [
  { name: 'text', says: 'a whole answer', ask: 'text', prompt: sayHello, expects: hello, most: 1 },
  { name: 'stream', says: 'a streamed answer', ask: 'stream', prompt: sayHello, expects: hello, most: 1 },
  {
    name: 'tools',
    says: 'a tool loop',
    ask: 'tools',
    prompt: (tool) => `${tool('Lisbon')} !then !say It is sunny`,
    expects: { kind: 'text', text: 'It is sunny', cities: ['Lisbon'] },
    most: 2,
    upstream: ['18 degrees in Lisbon'],
  },
  {
    name: 'parallel',
    says: 'two tools at once',
    ask: 'tools',
    prompt: (tool) => `${tool('Lisbon')} ${tool('Oslo')} !then !say It is sunny in both`,
    expects: sunny,
    most: 2,
    upstream: ['18 degrees in Lisbon', '18 degrees in Oslo'],
  },
  {
    name: 'thinking',
    says: 'an answer after some thinking',
    ask: 'stream',
    prompt: () => '!think !say Thought it over',
    expects: { kind: 'text', text: 'Thought it over', thinks: true },
    most: 1,
  },
  {
    name: 'schema',
    says: 'an answer by a JSON schema',
    ask: 'schema',
    prompt: () => '!json {"city":"Lisbon","degrees":18}',
    expects: { kind: 'text', text: '{"city":"Lisbon","degrees":18}' },
    most: 1,
    upstream: ['"degrees"'],
  },
  { name: 'image', says: 'a picture', ask: 'image', prompt: sayHello, expects: hello, most: 1, upstream: [pixel] },
  {
    name: 'embeddings',
    says: 'a vector',
    ask: 'embeddings',
    model: '@cf/baai/bge-m3',
    prompt: () => 'Hello from the edge',
    expects: { kind: 'vectors', lengths: [1024] },
    most: 1,
  },
  {
    name: 'dynamic',
    says: 'a dynamic route of the gateway',
    ask: 'stream',
    model: 'dynamic/support',
    prompt: sayHello,
    expects: hello,
    most: 1,
  },
  {
    name: 'kimi',
    says: 'Kimi on Workers AI',
    ask: 'stream',
    model: 'workers-ai/@cf/moonshotai/kimi-k2.6',
    prompt: sayHello,
    expects: hello,
    most: 1,
  },
  {
    name: 'kimi-tools',
    says: 'a tool loop with Kimi on Workers AI',
    ask: 'tools',
    model: 'workers-ai/@cf/moonshotai/kimi-k2.6',
    prompt: (tool) => `${tool('Lisbon')} ${tool('Oslo')} !then !say It is sunny in both`,
    expects: sunny,
    most: 2,
    upstream: ['18 degrees in Lisbon', '18 degrees in Oslo'],
  },
  {
    name: 'openai',
    says: 'a model of OpenAI',
    ask: 'stream',
    model: 'openai/gpt-5.1',
    prompt: sayHello,
    expects: hello,
    most: 1,
  },
  {
    name: 'anthropic',
    says: 'a model of Anthropic',
    ask: 'stream',
    model: 'anthropic/claude-sonnet-4-5',
    prompt: sayHello,
    expects: hello,
    most: 1,
  },
  {
    name: 'options',
    says: 'cf-aig-* options of its own',
    ask: 'stream',
    model: 'dynamic/support',
    prompt: sayHello,
    headers: { 'cf-aig-metadata': '{"room":"r1"}' },
    expects: hello,
    most: 1,
    upstream: ['"room":"r1"'],
  },
  {
    name: 'wrong-key',
    says: 'a key that the router does not know',
    ask: 'stream',
    prompt: sayHello,
    wrongKey: true,
    expects: { kind: 'error', matches: /401|incorrect api key|invalid x-api-key|unauthorized|authentication/i },
    most: 0,
  },
  {
    name: 'cut',
    says: 'a stream that ends in the middle',
    ask: 'stream',
    prompt: () => '!cut 2',
    expects: { kind: 'error', matches: /./ },
    most: 1,
  },
  {
    name: 'stall',
    says: 'a stream that falls silent',
    ask: 'stream',
    model: impatient,
    prompt: () => '!stall 2',
    expects: { kind: 'error', matches: /./ },
    most: 1,
  },
  {
    name: 'stream-error',
    says: 'an error inside the stream',
    ask: 'stream',
    prompt: () => '!fail-stream 2',
    expects: { kind: 'error', matches: /./ },
    most: 1,
  },
  {
    name: 'overflow',
    says: 'a prompt longer than the context',
    ask: 'stream',
    prompt: () => '!fail 400 context_length_exceeded',
    expects: { kind: 'error', matches: /context|too long|maximum/i },
    most: 1,
  },
  {
    name: 'rate-limit',
    says: 'a 429 that stays',
    ask: 'stream',
    prompt: () => '!retry-after 1 !fail 429',
    expects: { kind: 'error', matches: /429|rate limit|quota|too many/i },
    most: 3,
  },
];
