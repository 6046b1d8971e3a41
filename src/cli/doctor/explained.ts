import * as z from 'zod/mini';
import { endpoints, type Endpoint } from '../../core/call.ts';
import { dialectNames, type Dialect } from '../../core/dialect.ts';
import { findProvider } from '../../core/providers.ts';
import { readDirectName } from '../../policy/names.ts';

/** The explanation of a request by the router, as far as it is looked at. */
export const Explanation = z.object({
  route: z.string(),
  targets: z.array(
    z.object({
      target: z.string(),
      turn: z.nullable(z.number()),
      reason: z.string(),
      credentials: z.string(),
      crossing: z.string(),
      mostUsd: z.nullable(z.string()),
      problem: z.optional(z.string()),
    }),
  ),
});
export type Explanation = z.infer<typeof Explanation>;

/** A model that can be called, and how. */
export interface Explained {
  readonly model: string;
  readonly endpoint: Endpoint;
  /** The target that is tried first. */
  readonly target: string;
  /** The most that the call can cost, in US dollars; `undefined`: not known. */
  readonly mostUsd: number | undefined;
}

/** Fewer tokens are refused by OpenAI's Responses. */
const probeTokens = 16;

/** The smallest request there is, for an endpoint. `target` decides which field caps an answer by chat. */
export function probeBody(endpoint: Endpoint, model: string, target?: string): object {
  const messages = [{ role: 'user', content: 'Say ok' }];
  if (endpoint === 'embeddings') return { model, input: 'ok' };
  if (endpoint === 'responses') return { model, input: 'Say ok', max_output_tokens: probeTokens };
  const provider = readDirectName(target ?? '')?.provider ?? '';
  const field = endpoint === 'chat' ? findProvider(provider)?.maxTokensField : undefined;
  return { model, [field ?? 'max_tokens']: probeTokens, messages };
}

/** The endpoint whose dialect the target speaks by itself: a translation would be one thing more that can fail. */
export function ownEndpoint(crossing: string): Endpoint {
  // The names are the table's own; `Object.entries` forgets it.
  const names = Object.entries(dialectNames) as [Dialect, string][];
  const spoken = names.find(([, name]) => crossing.endsWith(`to ${name}`) || crossing === `relay of ${name}`)?.[0];
  const rows = Object.entries(endpoints) as [Endpoint, (typeof endpoints)[Endpoint]][];
  return rows.find(([, { dialect }]) => dialect === spoken)?.[0] ?? 'chat';
}
