import type { UpstreamCause, UpstreamFailure } from '../../core/failure.ts';
import { field, textOf } from '../../core/json.ts';

/** Anthropic's error types, from its list of errors; an unknown one fits no cause. */
const causesByType: ReadonlyMap<string, UpstreamCause> = new Map<string, UpstreamCause>([
  ['invalid_request_error', 'invalid-request'],
  ['authentication_error', 'provider-key'],
  ['permission_error', 'provider-key'],
  ['billing_error', 'provider-billing'],
  ['not_found_error', 'model-missing'],
  ['request_too_large', 'too-large'],
  ['rate_limit_error', 'provider-rate'],
  ['overloaded_error', 'capacity'],
  ['timeout_error', 'provider-error'],
  ['api_error', 'provider-error'],
]);

/** What `invalid_request_error` says when it means something narrower; lower case. */
const phrases: readonly (readonly [phrase: string, cause: UpstreamCause])[] = [
  ['prompt is too long', 'context-overflow'],
  ['exceed context limit', 'context-overflow'],
  ['exceeds the context window', 'context-overflow'],
  ['credit balance is too low', 'provider-billing'],
];

/** Only these causes are told to the caller in the upstream's own words. */
const quoted: ReadonlySet<UpstreamCause> = new Set<UpstreamCause>(['invalid-request', 'context-overflow']);

/** Longest quotation of an upstream, in UTF-16 units. */
const longestDetail = 500;

/** Reads the `error` object of an error event or body. `other` is the cause where its type is unknown. */
export function readError(error: unknown, other: UpstreamCause): UpstreamFailure {
  const message = textOf(field(error, 'message'));
  const byType = causesByType.get(textOf(field(error, 'type')) ?? '') ?? other;
  const cause = byType === 'invalid-request' ? narrow(message ?? '') : byType;
  return {
    kind: 'upstream',
    cause,
    ...(message !== undefined && quoted.has(cause) && { detail: message.slice(0, longestDetail) }),
  };
}

function narrow(message: string): UpstreamCause {
  const text = message.toLowerCase();
  return phrases.find(([phrase]) => text.includes(phrase))?.[1] ?? 'invalid-request';
}
