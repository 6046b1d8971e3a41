import { causes } from './cause.ts';
import { dialectNames } from './dialect.ts';
import type { AttemptNote, Failure, UpstreamFailure } from './failure.ts';
import type { JsonObject } from './json.ts';
import type { Limits, LimitState } from './limits.ts';
import { sayOverflow } from './overflow.ts';

/** A failure as every dialect can say it: the dialects put the same facts into their own shapes. */
export interface Description {
  readonly status: number;
  /** One public sentence or two: what could not be done, why, what to do next. */
  readonly message: string;
  readonly openaiType: string;
  readonly openaiCode: string;
  readonly param: string | null;
  readonly anthropicType: string;
  readonly retryAfterSeconds?: number;
  /** `false` where trying again is pointless: sent as `x-should-retry: false`, which the official SDKs obey. */
  readonly shouldRetry: boolean;
  readonly allow?: string;
  readonly attempts?: readonly AttemptNote[];
  /** Anthropic's `error.details`; other dialects have no place for it. */
  readonly details?: JsonObject;
}

/** Longest `retry-after` sent, in seconds: some SDKs sleep whatever they are told, others ignore over 60 (clients.md 2.2). */
const longestWaitSeconds = 30;

/** Says a failure: status, type, code and wording that the known clients key on (clients.md 2.3). */
// oxlint-disable-next-line max-lines-per-function -- one exhaustive switch, a row a failure
export function describe(failure: Failure): Description {
  switch (failure.kind) {
    case 'no-key':
      if (failure.admin === true) return denied(`Incorrect API key provided: none. ${adminAdvice}`);
      return denied(
        'Incorrect API key provided: none. Send the router\'s key as "Authorization: Bearer <key>" or "x-api-key: <key>".',
      );
    case 'wrong-key':
      if (failure.admin === true) return denied(`Incorrect API key provided: ${failure.shown}. ${adminAdvice}`);
      return denied(
        `Incorrect API key provided: ${failure.shown}. This is the router's own answer: the key is not one of its keys. ` +
          'A Cloudflare token or a provider key does not belong here.',
      );
    case 'two-keys':
      return invalid(
        400,
        'ambiguous_credentials',
        `Cannot tell which key to use: ${failure.headers.join(' and ')} hold different values. Send the router's key in one of ` +
          "them; to pass a provider key of your own, put the router's key into cf-aig-authorization.",
      );
    case 'not-configured':
      return {
        ...base(503, 'server_error', 'not_configured', 'api_error'),
        message: `Cannot serve: ${failure.binding} is not set on this router. The operator runs "npx wrangler secret put ${failure.binding}", or sets it in wrangler.toml if it is a variable.`,
      };
    case 'unknown-path':
      return {
        ...invalid(
          404,
          'unknown_url',
          `Unknown request URL: ${failure.method} ${failure.path}. ${sayInstead(failure)}`,
        ),
        anthropicType: 'not_found_error',
      };
    case 'wrong-method':
      return {
        ...invalid(405, 'method_not_allowed', `Cannot ${failure.method} ${failure.path}: use ${failure.allow}.`),
        allow: failure.allow,
      };
    case 'no-websocket':
      return invalid(
        426,
        'websocket_not_supported',
        'Cannot upgrade to a WebSocket here: send POST /v1/responses instead.',
      );
    case 'bad-request':
      return {
        ...invalid(400, failure.code, failure.message),
        param: failure.param ?? null,
        ...(failure.details !== undefined && { details: failure.details }),
      };
    case 'wrong-content-type':
      return invalid(
        415,
        'unsupported_content_type',
        `Cannot read a body of type ${failure.got}: send content-type: ${failure.wanted}, uncompressed.`,
      );
    case 'too-large':
      return {
        ...invalid(
          413,
          'request_too_large',
          `Cannot take the body: it is over the limit of ${failure.limitBytes} bytes.`,
        ),
        anthropicType: 'request_too_large',
      };
    case 'unknown-model':
      return {
        ...invalid(404, 'model_not_found', unknownModel(failure.model, failure.nearest)),
        param: 'model',
        anthropicType: 'not_found_error',
      };
    case 'model-refused':
      return {
        ...base(403, 'permission_error', 'model_not_allowed', 'permission_error'),
        message: `Cannot use the model "${failure.model}": ${failure.reason}.`,
        param: 'model',
      };
    case 'not-translatable':
      return invalid(
        400,
        'not_translatable',
        `Cannot serve ${dialectNames[failure.from]} from ${failure.target}: it speaks ${failure.to}. Call that endpoint, or choose another model.`,
      );
    case 'lost':
      return invalid(
        400,
        'not_translatable',
        `Cannot carry ${failure.features.join(', ')} to ${failure.target}. Leave it out, choose another model, or let the ` +
          'operator set losses: "report" on the route.',
      );
    case 'broken-policy':
      return describePolicy(failure);
    case 'over-limit':
      return overLimit(failure.exceeded);
    case 'unpriced':
      return {
        ...base(403, 'permission_error', 'unpriced_model', 'permission_error'),
        message: `Cannot use the model "${failure.model}": its price is not known and this key has a money limit. The operator adds it to the KV value "prices", or sets unknownPrice: "allow" on the caller.`,
        param: 'model',
      };
    case 'ledger-down':
      return {
        ...base(503, 'server_error', 'ledger_unavailable', 'api_error'),
        message:
          "Cannot count this request against the caller's money limit at the moment. Try again in a few seconds.",
        shouldRetry: true,
        retryAfterSeconds: 5,
      };
    case 'idempotency':
      return {
        ...invalid(failure.why === 'malformed' ? 400 : 409, 'idempotency_conflict', idempotencyWords[failure.why]),
        ...(failure.why === 'running' && { shouldRetry: true, retryAfterSeconds: 2 }),
      };
    case 'admin':
      return { ...adminFaults[failure.fault], message: failure.message };
    case 'upstream':
      return describeUpstream(failure);
    case 'internal':
      return {
        ...base(500, 'server_error', 'internal_error', 'api_error'),
        message: "The router failed: this is a fault of its own. The request id finds it in the router's log.",
      };
  }
}

function describePolicy(failure: Extract<Failure, { kind: 'broken-policy' }>): Description {
  const says = `Cannot use the policy "${failure.name}": ${failure.message}.`;
  const broken = base(503, 'server_error', 'broken_policy', 'api_error');
  if (failure.passing !== true) return { ...broken, message: `${says} The operator corrects it in KV.` };
  return { ...broken, message: `${says} Try again in a moment.`, shouldRetry: true, retryAfterSeconds: 5 };
}

function describeUpstream(failure: UpstreamFailure): Description {
  const row = causes[failure.cause];
  const wait = failure.retryAfterSeconds ?? row.waitSeconds;
  const seconds = wait === undefined ? undefined : Math.min(Math.max(Math.ceil(wait), 1), longestWaitSeconds);
  // A wait longer than what SDKs obey would be ignored and hammered instead: say that trying again is pointless.
  const shouldRetry = row.retry && (failure.retryAfterSeconds ?? 0) <= 60;
  return {
    ...base(row.status, row.openaiType, row.openaiCode, row.anthropicType),
    message: upstreamMessage(failure, shouldRetry ? seconds : undefined),
    shouldRetry,
    ...(seconds !== undefined && row.retry && { retryAfterSeconds: seconds }),
    ...(failure.attempts !== undefined && { attempts: failure.attempts }),
  };
}

function upstreamMessage(failure: UpstreamFailure, seconds: number | undefined): string {
  const row = causes[failure.cause];
  const cause = failure.cause === 'context-overflow' ? (sayOverflow(failure.detail ?? '') ?? row.says) : row.says;
  // litellm takes any text that holds "429" for a rate limit (clients.md 4(iv).6): told only where it is one.
  const status = failure.status === 429 && row.status !== 429 ? undefined : failure.status;
  const about = [
    failure.target,
    status === undefined ? undefined : `upstream status ${status}`,
    failure.setting === undefined ? undefined : `setting ${failure.setting}`,
    failure.logId === undefined ? undefined : `gateway log ${failure.logId}`,
  ].filter((part) => part !== undefined);
  const says = about.length === 0 ? cause : `${cause} (${about.join(', ')})`;
  const quote = row.quotes === true && failure.detail !== undefined ? `: ${failure.detail}` : '';
  const again = seconds !== undefined && row.status === 429 ? ` Please try again in ${seconds}s.` : '';
  return `${says}${quote}. ${row.advice}.${again}`;
}

function unknownModel(model: string, nearest: readonly string[]): string {
  const hint =
    nearest.length === 0
      ? 'GET /v1/models lists what there is.'
      : `Closest: ${nearest.map((name) => `\`${name}\``).join(', ')}.`;
  return `The model \`${model.slice(0, 100)}\` does not exist or you do not have access to it. ${hint}`;
}

function base(
  status: number,
  openaiType: string,
  openaiCode: string,
  anthropicType: string,
): Omit<Description, 'message'> {
  return { status, openaiType, openaiCode, param: null, anthropicType, shouldRetry: false };
}

function denied(message: string): Description {
  return { ...base(401, 'invalid_request_error', 'invalid_api_key', 'authentication_error'), message };
}

function invalid(status: number, code: string, message: string): Description {
  return { ...base(status, 'invalid_request_error', code, 'invalid_request_error'), message };
}

const idempotencyWords = {
  running: 'Cannot answer yet: the first request with this Idempotency-Key is still running. Try again in a moment.',
  conflict: 'Cannot use this Idempotency-Key: it was used for another request within the last day. Choose a new one.',
  unkept: 'Cannot repeat the answer: the first request with this Idempotency-Key was answered with more than is kept.',
  malformed: 'Cannot use this Idempotency-Key: it takes 1 to 255 printable characters.',
} as const;

/** What each limit is called in a message, and its unit. */
const limitWords: Readonly<Record<keyof Limits, string>> = {
  requestsPerMinute: 'requests per minute',
  tokensPerMinute: 'tokens per minute',
  concurrent: 'requests at once',
  usdPerDay: 'US dollars per day',
  usdPerMonth: 'US dollars per month',
};

/** 429 for every limit: 402 would make clients lock the provider away (clients.md 2.2). The wait is the true one. */
function overLimit({ limit, route, most, left, resetSeconds }: LimitState): Description {
  const money = limit === 'usdPerDay' || limit === 'usdPerMonth';
  const scope = route === undefined ? '' : ` on the route "${route}"`;
  const amount = money ? `${(most / 1e9).toFixed(2)} (${(left / 1e9).toFixed(4)} left)` : `${most} (${left} left)`;
  // Over 60 the SDKs take no notice of a wait and try at once: a window that slides by the second may need one more.
  const seconds = Math.max(1, Math.min(Math.ceil(resetSeconds), money ? Number.POSITIVE_INFINITY : 60));
  const type = money ? 'insufficient_quota' : 'rate_limit_exceeded';
  return {
    ...base(429, type, type, money ? 'billing_error' : 'rate_limit_error'),
    message: money
      ? `You exceeded your current quota on this router: ${limitWords[limit]}${scope}, ${amount}. It is renewed in ${seconds}s.`
      : `Rate limit reached for ${limitWords[limit]} on this router${scope}: ${amount}. Please try again in ${seconds}s.`,
    shouldRetry: !money,
    retryAfterSeconds: seconds,
  };
}

const adminAdvice =
  'The admin plane takes the value of the secret ADMIN_KEY, as "Authorization: Bearer <key>", and no key of a caller.';

const adminFaults = {
  missing: base(404, 'invalid_request_error', 'not_found', 'not_found_error'),
  conflict: base(409, 'invalid_request_error', 'conflict', 'invalid_request_error'),
  broken: base(500, 'server_error', 'broken_record', 'api_error'),
  unreachable: {
    ...base(503, 'server_error', 'ledger_unavailable', 'api_error'),
    shouldRetry: true,
    retryAfterSeconds: 5,
  },
} as const;

/** What to do in place of a path that is none. */
function sayInstead({ nearest, unserved }: { nearest?: string; unserved?: string }): string {
  if (unserved !== undefined)
    return `This router does not serve ${unserved}: it keeps nothing. Call the provider's own API for that; GET /v1/models lists what is here.`;
  return nearest === undefined ? 'GET /v1/models lists the models.' : `Did you mean ${nearest}?`;
}
