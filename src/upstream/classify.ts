import type { UpstreamCause, UpstreamFailure } from '../core/failure.ts';
import { field, isObject, parseJson, textOf } from '../core/json.ts';

/** An upstream answer that is a failure, as far as it was read. */
export interface FailedAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** For a `retry-after` that is a date. */
  readonly nowMs: number;
  /** The body's text, cut to what is needed. */
  readonly text: string;
  /** The target's name and provider. */
  readonly target: string;
  readonly provider: string;
}

/** What an error body says, whichever of the six shapes it has (sheet 2.6). */
export interface ErrorFacts {
  /** Cloudflare's numeric codes, outermost first. */
  readonly codes: readonly number[];
  readonly text: string;
  /** Type and code words of a provider's error: `insufficient_quota`, `overloaded_error`. */
  readonly words: string;
}

/** Tells which known cause a failed answer has. Keys on status and text class: Cloudflare's codes drift. */
export function classify(answer: FailedAnswer): UpstreamFailure {
  const facts = readErrorFacts(answer.text);
  const cause = findCause(answer.status, facts, answer.provider);
  const retryAfterSeconds = readRetryAfter(answer.headers, answer.nowMs);
  const logId = readLogId(answer.headers);
  return {
    kind: 'upstream',
    cause,
    target: answer.target,
    status: answer.status,
    ...(facts.text !== '' && { detail: tidy(facts.text) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(logId !== undefined && { logId }),
  };
}

/** Reads s1 to s6 of the contract sheet: arrays `error` and `errors`, AiError, a provider's `error`, a thrown string. */
export function readErrorFacts(text: string): ErrorFacts {
  const body = parseJson(text);
  const root: unknown = Array.isArray(body) ? (body as unknown[])[0] : body;
  const nested = [...listOf(field(root, 'error')), ...listOf(field(root, 'errors'))];
  // Numbers alone: a provider's own code `"2003"` is none of Cloudflare's.
  const numbers = [field(root, 'internalCode'), ...nested.map((entry) => field(entry, 'code')), thrownCode(text)];
  const texts = [...nested.map(textIn), textOf(field(root, 'description')), textIn(root)].filter(
    (entry) => entry !== undefined,
  );
  const words = nested.flatMap((entry) => [field(entry, 'type'), field(entry, 'code'), field(entry, 'status')]);
  return {
    codes: numbers.filter((code) => typeof code === 'number' && Number.isInteger(code) && code > 999) as number[],
    text: texts[0] ?? (isObject(root) || isMarkup(text) ? '' : text.slice(0, 500)),
    words: words.filter((word) => typeof word === 'string').join(' '),
  };
}

interface Rule {
  readonly cause: UpstreamCause;
  readonly statuses?: readonly number[];
  readonly codes?: readonly number[];
  /** Any of these in the text or the words, in lower case. */
  readonly says?: readonly string[];
  readonly provider?: string;
}

/** First match wins. Sheet 2.5, 2.6 and 4.4; the providers' own phrases are those of their public error pages. */
const rules: readonly Rule[] = [
  { cause: 'gateway-missing', codes: [2001] },
  { cause: 'gateway-token', codes: [2009] },
  { cause: 'cloudflare-token', codes: [10000] },
  { cause: 'gateway-rate', codes: [2003] },
  { cause: 'stored-key-alias', codes: [2040], statuses: [400] },
  { cause: 'spend-limit', codes: [2040, 2041, 2045] },
  { cause: 'spend-limit', says: ['spend limit exceeded'] },
  { cause: 'unified-rate', says: ['wholesale rate limit'] },
  { cause: 'unified-model', says: ['not available via unified billing'] },
  {
    cause: 'unified-balance',
    says: ['add money to your gateway', 'insufficient ai gateway credits', 'insufficient wholesale'],
  },
  { cause: 'unified-balance', codes: [2021, 2049] },
  { cause: 'provider-key', codes: [2047] },
  {
    cause: 'stored-key-missing',
    statuses: [400],
    says: ['no-wholesale', 'byok', 'provider credentials', 'requires credentials'],
  },
  { cause: 'guardrail', codes: [2016, 2017] },
  { cause: 'dlp', codes: [2029, 2030] },
  { cause: 'account-route', codes: [7003], says: ['could not route'] },
  { cause: 'model-missing', codes: [5007, 3042] },
  { cause: 'model-missing', codes: [7003], statuses: [404] },
  { cause: 'model-missing', codes: [7003], says: ['model not found'] },
  { cause: 'context-overflow', codes: [5021] },
  { cause: 'quota', codes: [3036] },
  { cause: 'capacity', codes: [3040] },
  { cause: 'plan', codes: [5018, 5016, 3023, 3041, 5035] },
  { cause: 'provider-error', codes: [2002, 7009, 7013, 3007, 3008] },
  { cause: 'too-large', codes: [3006] },
  { cause: 'invalid-request', codes: [5004, 3039, 3003, 5019, 5005, 8001, 8006, 8007, 2005, 2008, 7001] },
  {
    cause: 'context-overflow',
    statuses: [400, 413, 422],
    says: [
      'context_length_exceeded',
      'maximum context length',
      'prompt is too long',
      'context window',
      'exceeds the maximum number of tokens',
      'input token count',
    ],
  },
  {
    cause: 'content-filter',
    statuses: [400, 403, 422],
    says: ['content_filter', 'content_policy', 'content filter', 'content filtering'],
  },
  {
    cause: 'provider-billing',
    says: ['insufficient_quota', 'credit balance is too low', 'billing_error'],
  },
  // Cloudflare's firewall before any of the keys was looked at.
  { cause: 'provider-error', statuses: [403], says: ['error code: 1010'] },
  { cause: 'cloudflare-token', statuses: [401, 403], provider: 'workers-ai' },
  {
    cause: 'provider-key-missing',
    statuses: [401, 403],
    says: [
      "didn't provide an api key",
      'no api key',
      'missing api key',
      'x-api-key header is required',
      'unregistered callers',
    ],
  },
  { cause: 'provider-key', statuses: [401, 403] },
  { cause: 'provider-key', statuses: [400], says: ['api key not valid', 'api_key_invalid', 'incorrect api key'] },
  { cause: 'provider-billing', statuses: [402] },
  { cause: 'capacity', statuses: [503, 529], says: ['overloaded', 'capacity', 'over capacity'] },
  { cause: 'capacity', statuses: [529] },
  { cause: 'provider-rate', statuses: [429] },
  { cause: 'model-missing', statuses: [404] },
  { cause: 'provider-error', statuses: [407, 408, 409, 425] },
  { cause: 'too-large', statuses: [413] },
  { cause: 'guardrail', statuses: [424] },
];

/** The cause of a failed answer with this status and these facts. Also used for error events inside a 200 stream. */
export function findCause(status: number, facts: ErrorFacts, provider: string): UpstreamCause {
  const said = `${facts.words} ${facts.text}`.toLowerCase();
  const rule = rules.find((row) => fits(row, { status, facts, said, provider }));
  if (rule !== undefined) return rule.cause;
  if (status >= 300 && status < 400) return 'redirect';
  if (status >= 400 && status < 500) return 'invalid-request';
  return status >= 500 ? 'provider-error' : 'garbage';
}

function fits(rule: Rule, asked: { status: number; facts: ErrorFacts; said: string; provider: string }): boolean {
  return (
    (rule.statuses === undefined || rule.statuses.includes(asked.status)) &&
    (rule.codes === undefined || rule.codes.some((code) => asked.facts.codes.includes(code))) &&
    (rule.says === undefined || rule.says.some((phrase) => asked.said.includes(phrase))) &&
    (rule.provider === undefined || rule.provider === asked.provider)
  );
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date; `undefined` where there is none that can be read. */
export function readRetryAfter(headers: Headers, nowMs: number): number | undefined {
  const ms = headers.get('retry-after-ms')?.trim() ?? '';
  if (decimal.test(ms)) return Number(ms) / 1000;
  const value = headers.get('retry-after')?.trim() ?? '';
  if (decimal.test(value)) return Number(value);
  // `Date.parse` takes almost anything for a date; an HTTP date begins with the day of the week.
  const date = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - nowMs) / 1000);
}

const decimal = /^\d{1,12}(\.\d{1,12})?$/;

/** AI Gateway's log id, where it has the form of one (UUIDv7 or ULID). */
export function readLogId(headers: Headers): string | undefined {
  const id = headers.get('cf-aig-log-id');
  return id !== null && /^[\w-]{8,64}$/.test(id) ? id : undefined;
}

/** One line, at most 500 characters, without anything that looks like a key. Exact secrets are taken out by the sender. */
function tidy(text: string): string {
  return text
    .replace(/\b((sk|pk|rk|gsk|xai|key|cfat|cfut|pplx|hf|r8)[-_]|AIza)[-_A-Za-z0-9*]{8,}/g, '[key]')
    .replace(/\bBearer\s+\S+/gi, 'Bearer [key]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .slice(0, 500)
    .trim()
    .replace(/\.$/, '');
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return (value as unknown[]).slice(0, 4);
  return value === undefined || value === null ? [] : [value];
}

function textIn(value: unknown): string | undefined {
  return textOf(value) ?? textOf(field(value, 'message'));
}

/** s5: the binding throws `"<code>: <text>"`. */
function thrownCode(text: string): number | undefined {
  const code = /^(\d{4,5}): /.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** A page, not a message: never quoted to a caller (threats.md T79). */
function isMarkup(text: string): boolean {
  return text.trimStart().startsWith('<');
}
