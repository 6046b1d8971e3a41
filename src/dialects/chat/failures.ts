import { causes } from '../../core/cause.ts';
import type { UpstreamCause, UpstreamFailure } from '../../core/failure.ts';
import { field, isObject, textOf } from '../../core/json.ts';

/** Longest piece of the upstream's own words that goes into a failure. */
const mostDetail = 300;

interface Rule {
  readonly cause: UpstreamCause;
  /** Whole values of `type`, `code` or `status`, numbers as text. */
  readonly named?: readonly string[];
  /** Any of these in the message, in lower case. */
  readonly says?: readonly string[];
}

/**
 * The errors inside chat replies: OpenAI's words, those of its imitators, and Cloudflare's codes (contract sheet 2.6 and
 * 4.4). First match wins; names are looked at before what the message says, so the order matters within each alone.
 */
const rules: readonly Rule[] = [
  { cause: 'quota', named: ['3036'], says: ['daily free allocation', 'neurons'] },
  { cause: 'capacity', named: ['3040', '529', 'overloaded_error', 'server_is_overloaded', 'engine_overloaded'] },
  { cause: 'guardrail', named: ['2016', '2017'] },
  { cause: 'dlp', named: ['2029', '2030'] },
  { cause: 'spend-limit', named: ['2041', '2045'], says: ['spend limit exceeded'] },
  { cause: 'gateway-rate', named: ['2003'] },
  {
    cause: 'context-overflow',
    named: ['context_length_exceeded', '5021'],
    says: ['maximum context length', 'context window', 'prompt is too long', 'context length'],
  },
  { cause: 'content-filter', named: ['content_filter', 'content_policy_violation'], says: ['content filter'] },
  {
    cause: 'provider-billing',
    named: ['insufficient_quota', 'billing_error', '402'],
    says: ['exceeded your current quota', 'credit balance'],
  },
  {
    cause: 'provider-rate',
    named: ['rate_limit_exceeded', 'rate_limit_error', 'too_many_requests', '429'],
    says: ['rate limit', 'too many requests'],
  },
  { cause: 'model-missing', named: ['model_not_found', 'not_found_error', '5007', '3042', '404'] },
  {
    cause: 'provider-key',
    named: ['invalid_api_key', 'authentication_error', 'permission_error', '401', '403'],
    says: ['incorrect api key', 'invalid api key'],
  },
  { cause: 'capacity', named: ['503'], says: ['overloaded', 'capacity'] },
  { cause: 'invalid-request', named: ['invalid_request_error', '400', '422', '5004', '7003', '8001', '8006', '8007'] },
  { cause: 'provider-error', named: ['server_error', 'api_error', 'internal_error', 'internal_server_error'] },
  { cause: 'provider-error', named: ['500', '502', '504', '2002', '7009', '3007', '3008'] },
];

/**
 * Finds the error in a chunk or a whole body, whichever of the known shapes it has, and says what kind it is. `undefined`
 * where there is none.
 */
export function readFailure(value: unknown): UpstreamFailure | undefined {
  const error = findError(value);
  if (error === undefined) return undefined;
  const message = textOf(error) ?? textOf(field(error, 'message')) ?? textOf(field(error, 'description')) ?? '';
  const cause = findCause(namesIn(error), message.toLowerCase());
  const told = (causes[cause].quotes === true || cause === 'context-overflow') && message !== '';
  return { kind: 'upstream', cause, ...(told && { detail: tidy(message) }) };
}

/** OpenAI's `error`, Cloudflare's `errors` or `error` arrays, the bare AiError, a bare error object named by `object`. */
function findError(value: unknown): unknown {
  if (!isObject(value) || Array.isArray(field(value, 'choices'))) return heldBesideChoices(value);
  const list: unknown = field(value, 'errors') ?? field(value, 'error');
  const first: unknown = Array.isArray(list) ? (list as unknown[])[0] : list;
  if (first !== undefined && first !== null) return first;
  const bare = typeof field(value, 'internalCode') === 'number' || field(value, 'object') === 'error';
  return bare ? value : undefined;
}

/** OpenRouter's style: `error` beside a choice that finishes with "error". */
function heldBesideChoices(value: unknown): unknown {
  const error = field(value, 'error');
  return isObject(error) || textOf(error) !== undefined ? error : undefined;
}

function namesIn(error: unknown): readonly string[] {
  return ['code', 'type', 'internalCode', 'status', 'httpCode']
    .map((key) => field(error, key))
    .filter((name) => typeof name === 'string' || typeof name === 'number')
    .map((name) => String(name).toLowerCase());
}

function findCause(names: readonly string[], message: string): UpstreamCause {
  const rule =
    rules.find((row) => row.named?.some((name) => names.includes(name)) === true) ??
    rules.find((row) => row.says?.some((phrase) => message.includes(phrase)) === true);
  return refined(rule?.cause ?? 'stream-error', message);
}

/** `invalid_request_error` is OpenAI's type for most things, overflow included: there the message knows better. */
function refined(cause: UpstreamCause, message: string): UpstreamCause {
  if (cause !== 'invalid-request') return cause;
  return rules.find((row) => row.says?.some((phrase) => message.includes(phrase)) === true)?.cause ?? cause;
}

/** One line, cut, without anything that looks like a key. */
function tidy(message: string): string {
  return message
    .slice(0, mostDetail)
    .replace(/\b(?:sk|pk|key|cfat|cfut)[-_][-_A-Za-z0-9*]{6,}/g, '[key]')
    .replace(/\s+/g, ' ')
    .trim();
}
