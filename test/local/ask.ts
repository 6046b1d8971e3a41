import { env } from 'cloudflare:workers';
import { accountId, cloudflareToken, gatewayId, gatewayToken } from '../../src/local/keys.ts';
import { askStandIn } from '../support/standin.ts';

/** The stand-in's binding, as the router sees it: wider than the real type, to send what must be refused. */
interface LocalAi {
  run(model: string, inputs: unknown, options?: unknown): Promise<Response>;
  gateway(id: string): LocalAiGateway & Promise<LocalAiGateway>;
}

interface LocalAiGateway {
  run(request: unknown, options?: unknown): Promise<Response>;
  getUrl(provider?: string): Promise<string>;
  getLog(id: string): Promise<{ id: string; metadata: unknown }>;
}

/** The `AI` binding of the local environment. */
export const { AI: ai } = env as unknown as { readonly AI: LocalAi };

export const gatewayBase = `https://gateway.ai.cloudflare.com/v1/${accountId}/${gatewayId}`;
export const restBase = `https://api.cloudflare.com/client/v4/accounts/${accountId}/ai`;

/** Headers of a good request to the gateway that leaves the provider's key to it. */
export const stored = {
  'content-type': 'application/json',
  'cf-aig-authorization': `Bearer ${gatewayToken}`,
  'anthropic-version': '2023-06-01',
};

/** Headers of a good request to the REST API, or to Workers AI by the gateway. */
export const withToken = { ...stored, authorization: `Bearer ${cloudflareToken}` };

/** Posts to the gateway: `path` begins with the provider's slug. */
export function ask(path: string, body: unknown, headers: Record<string, string> = stored): Promise<Response> {
  return askStandIn(`${gatewayBase}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** Posts to the REST API: `path` begins after `/ai/`. */
export function askRest(path: string, body: unknown, headers: Record<string, string> = withToken): Promise<Response> {
  return askStandIn(`${restBase}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/**
 * Runs a Workers AI model by the binding, the way the router does. It awaits, because what RPC returns is more than a
 * promise: every look at it is another call, which fails on its own.
 */
export async function run(model: string, inputs: unknown, options: Record<string, unknown> = {}): Promise<Response> {
  return await ai.run(model, inputs, { returnRawResponse: true, gateway: { id: gatewayId }, ...options });
}

/** A chat request with this text. */
export function chat(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'gpt-5', messages: [{ role: 'user', content: text }], ...more };
}

/** A messages request with this text. */
export function message(text: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: text }], ...more };
}

/** Status and body of a JSON answer. */
export async function outcome(response: Response | Promise<Response>): Promise<{ status: number; body: unknown }> {
  const answered = await response;
  return { status: answered.status, body: await answered.json() };
}

/** The data of every event of a stream: parsed where it is JSON, else the text. */
export async function eventsOf(response: Response | Promise<Response>): Promise<unknown[]> {
  const text = await (await response).text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => parse(event.replace(/^event: .*\n/, '').replace(/^data: /, '')));
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
