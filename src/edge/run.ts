import type { Endpoint } from '../core/call.ts';
import type { Failure } from '../core/failure.ts';
import { asJson, field, isObject, type Json, type JsonObject } from '../core/json.ts';

/** What a call of `run` comes to: one of the router's own requests. */
export interface RunRequest {
  readonly endpoint: Extract<Endpoint, 'chat' | 'responses' | 'embeddings'>;
  readonly body: JsonObject;
}

/**
 * Reads a call shaped like `env.AI.run` (contract sheet 1.8 and 4.1): `text` asks for embeddings, `input` is the Responses
 * form of gpt-oss, everything else is a conversation, by `messages` or by `prompt`. Fields that it does not know stay in
 * the body: what is wrong with them is said as over HTTP.
 */
export function readRun(model: string, inputs: unknown): RunRequest {
  const fields: JsonObject = isObject(inputs) ? inputs : {};
  const { prompt, text, ...rest } = fields;
  if (field(fields, 'messages') === undefined && text !== undefined) {
    // Numbers are what `run` gives.
    return { endpoint: 'embeddings', body: { ...rest, model, input: text, encoding_format: 'float' } };
  }
  if (field(fields, 'messages') === undefined && field(fields, 'input') !== undefined) {
    return { endpoint: 'responses', body: { ...fields, model } };
  }
  const messages = field(fields, 'messages') === undefined && prompt !== undefined ? ask(prompt) : {};
  const tools = Array.isArray(fields['tools']) ? { tools: fields['tools'].map(toolOf) } : {};
  return { endpoint: 'chat', body: { ...rest, ...messages, ...tools, model } };
}

function ask(prompt: Json): JsonObject {
  return { messages: [{ role: 'user', content: prompt }] };
}

/** Workers AI also takes a tool's function bare: `{ name, description, parameters }`. */
function toolOf(tool: Json): Json {
  const isBare = isObject(tool) && field(tool, 'function') === undefined && typeof field(tool, 'name') === 'string';
  return isBare ? { type: 'function', function: tool } : tool;
}

/** The options of `run` that make its answer another kind of thing, which the router does not have. */
const strangeOptions = ['queueRequest', 'websocket'] as const;

/** Why a call of `run` cannot be served at all. */
export function refuseRun(options: unknown): Failure | undefined {
  const strange = strangeOptions.find((name) => field(options, name) === true);
  if (strange === undefined) return undefined;
  return {
    kind: 'bad-request',
    code: 'unsupported_parameter',
    param: strange,
    message: `Cannot run with "${strange}": the router answers whole or as a stream. Leave it out, or call Workers AI itself.`,
  };
}

/** The gateway options of the binding and the header that says the same to the router. */
const optionHeaders = [
  ['cacheKey', 'cf-aig-cache-key'],
  ['cacheTtl', 'cf-aig-cache-ttl'],
  ['skipCache', 'cf-aig-skip-cache'],
  ['metadata', 'cf-aig-metadata'],
  ['collectLog', 'cf-aig-collect-log'],
  ['requestTimeoutMs', 'cf-aig-request-timeout'],
] as const;
const retryHeaders = [
  ['maxAttempts', 'cf-aig-max-attempts'],
  ['retryDelayMs', 'cf-aig-retry-delay'],
  ['backoff', 'cf-aig-backoff'],
] as const;

/** The headers that `run`'s options come to: the gateway's options, which policy may honour, and `extraHeaders`. */
export function runHeaders(options: unknown): Record<string, string> {
  const gateway = field(options, 'gateway');
  const extra = field(options, 'extraHeaders');
  return {
    ...headersFrom(gateway, optionHeaders),
    ...headersFrom(field(gateway, 'retries'), retryHeaders),
    ...(isObject(extra) && headersFrom(extra, namesOf(extra))),
  };
}

function namesOf(extra: JsonObject): [string, string][] {
  return Object.keys(extra).map((name) => [name, name.toLowerCase()]);
}

function headersFrom(values: unknown, rows: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(
    rows.flatMap(([option, header]) => {
      const value = field(values, option);
      return value === undefined || value === null ? [] : [[header, textFor(value)] as const];
    }),
  );
}

/** A `bigint` in metadata is allowed by the binding's type; there is no JSON for it, so it is written as a string. */
function textFor(value: unknown): string {
  if (!isObject(value)) return String(value);
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
}

/** Gives a whole answer the shape that `run` gives it: the completion with its text as `response`, or bare vectors. */
export function writeRun(endpoint: RunRequest['endpoint'], reply: unknown): Json {
  if (!isObject(reply)) return asJson(reply);
  if (endpoint === 'embeddings') return vectorsOf(reply);
  const choices = field(reply, 'choices');
  const text = field(field(Array.isArray(choices) ? choices[0] : undefined, 'message'), 'content');
  return typeof text === 'string' ? { ...reply, response: text } : reply;
}

function vectorsOf(reply: JsonObject): Json {
  const rows = field(reply, 'data');
  const list: readonly unknown[] = Array.isArray(rows) ? rows : [];
  const data = list.map((row) => asJson(field(row, 'embedding')));
  const first = data[0];
  return { shape: [data.length, Array.isArray(first) ? first.length : 0], data };
}
