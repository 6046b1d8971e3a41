import { causes } from '../../core/cause.ts';
import type { UpstreamCause, UpstreamFailure } from '../../core/failure.ts';
import { field, textOf } from '../../core/json.ts';

/** Codes and types of OpenAI's errors, and of the servers that copy its API, by what they mean. */
const causesByName: ReadonlyMap<string, UpstreamCause> = new Map<string, UpstreamCause>([
  ['rate_limit_exceeded', 'provider-rate'],
  ['rate_limit_error', 'provider-rate'],
  ['too_many_requests', 'provider-rate'],
  ['insufficient_quota', 'provider-billing'],
  ['usage_limit_reached', 'provider-billing'],
  ['usage_not_included', 'provider-billing'],
  ['billing_hard_limit_reached', 'provider-billing'],
  ['context_length_exceeded', 'context-overflow'],
  ['server_is_overloaded', 'capacity'],
  ['overloaded_error', 'capacity'],
  ['slow_down', 'capacity'],
  ['server_error', 'provider-error'],
  ['api_error', 'provider-error'],
  ['internal_error', 'provider-error'],
  ['vector_store_timeout', 'provider-error'],
  ['model_not_found', 'model-missing'],
  ['invalid_api_key', 'provider-key'],
  ['authentication_error', 'provider-key'],
  ['content_policy_violation', 'content-filter'],
  ['content_filter', 'content-filter'],
  ['image_content_policy_violation', 'content-filter'],
  ['misalignment_policy_violation', 'content-filter'],
  ['bio_policy', 'content-filter'],
  ['invalid_prompt', 'invalid-request'],
  ['invalid_image', 'invalid-request'],
  ['invalid_image_format', 'invalid-request'],
  ['invalid_image_url', 'invalid-request'],
  ['invalid_base64_image', 'invalid-request'],
  ['image_too_large', 'invalid-request'],
  ['failed_to_download_image', 'invalid-request'],
  ['invalid_request_error', 'invalid-request'],
]);

/** What the message says when code and type say nothing or too little; lower case, first match. */
const phrases: readonly (readonly [phrase: string, cause: UpstreamCause])[] = [
  ['maximum context length', 'context-overflow'],
  ['context window', 'context-overflow'],
  ['rate limit', 'provider-rate'],
  ['overloaded', 'capacity'],
];

/** Longest quotation of an upstream, in UTF-16 units. */
const longestDetail = 300;

/**
 * Reads the error of `response.failed`, of an `error` event or of an error body: `{ code, type, message }`, each of which
 * may be missing. Where it fits no cause it is a `stream-error`.
 */
export function readFailure(error: unknown): UpstreamFailure {
  const message = (textOf(field(error, 'message')) ?? textOf(error) ?? '').slice(0, 1_000);
  const cause = findCause(error, message.toLowerCase());
  const isQuoted = cause === 'context-overflow' || causes[cause].quotes === true;
  const seconds = cause === 'provider-rate' ? retryAfter(message) : undefined;
  return {
    kind: 'upstream',
    cause,
    ...(isQuoted && message !== '' && { detail: message.slice(0, longestDetail) }),
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  };
}

/** An answer that is none. */
export const garbage: UpstreamFailure = { kind: 'upstream', cause: 'garbage' };

function findCause(error: unknown, message: string): UpstreamCause {
  const named = [field(error, 'code'), field(error, 'type')]
    .map((name) => causesByName.get(textOf(name) ?? ''))
    .find((cause) => cause !== undefined);
  if (named !== undefined && named !== 'invalid-request') return named;
  return phrases.find(([phrase]) => message.includes(phrase))?.[1] ?? named ?? 'stream-error';
}

/** OpenAI says it in words: "Please try again in 1.2s", also "20ms" and "1m30s". */
function retryAfter(message: string): number | undefined {
  const found = /try again in (?:(\d{1,4})m)?(\d{1,5}(?:\.\d{1,6})?)(ms|s)/.exec(message);
  if (found === null) return undefined;
  const [, minutes = '0', amount = '0', unit] = found;
  return Number(minutes) * 60 + Number(amount) / (unit === 'ms' ? 1_000 : 1);
}
