import type { Dialect } from './dialect.ts';
import type { JsonObject } from './json.ts';
import type { LimitState } from './limits.ts';

/**
 * Why a request ends without an answer. One tagged union; `describe` says each one to the caller, one exhaustive switch.
 * Nothing in it may hold a secret or a caller's prompt.
 */
export type Failure =
  /** `admin`: of the admin plane, which takes another key. */
  | { readonly kind: 'no-key'; readonly admin?: true }
  /** `shown` is the key masked for the message, e.g. `sk-ab…yz`. */
  | { readonly kind: 'wrong-key'; readonly shown: string; readonly admin?: true }
  | { readonly kind: 'two-keys'; readonly headers: readonly string[] }
  | { readonly kind: 'not-configured'; readonly binding: string }
  | {
      readonly kind: 'unknown-path';
      readonly method: string;
      readonly path: string;
      readonly nearest?: string;
      /** The vendor's API that the path belongs to and that the router does not serve, e.g. `files`. */
      readonly unserved?: string;
    }
  | { readonly kind: 'wrong-method'; readonly method: string; readonly path: string; readonly allow: string }
  | { readonly kind: 'no-websocket' }
  | {
      readonly kind: 'bad-request';
      readonly message: string;
      readonly code: string;
      readonly param?: string;
      /** Anthropic's `error.details`, which clients act on (clients.md, finding 20). */
      readonly details?: JsonObject;
    }
  | { readonly kind: 'wrong-content-type'; readonly got: string; readonly wanted: string }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  | { readonly kind: 'unknown-model'; readonly model: string; readonly nearest: readonly string[] }
  | { readonly kind: 'model-refused'; readonly model: string; readonly reason: string }
  | { readonly kind: 'not-translatable'; readonly from: Dialect; readonly to: string; readonly target: string }
  | { readonly kind: 'lost'; readonly features: readonly string[]; readonly target: string }
  /** `passing`: KV could not be read, which may be over in a moment. */
  | { readonly kind: 'broken-policy'; readonly name: string; readonly message: string; readonly passing?: true }
  /** A limit of the caller's is used up. */
  | { readonly kind: 'over-limit'; readonly exceeded: LimitState; readonly states: readonly LimitState[] }
  /** A caller with a money limit asks for a model whose price is not known. */
  | { readonly kind: 'unpriced'; readonly model: string }
  /** The ledger cannot be reached, and the caller's rules say closed. */
  | { readonly kind: 'ledger-down' }
  /** An `Idempotency-Key` that cannot be honoured: still running, used for another request, or an answer too large to keep. */
  | { readonly kind: 'idempotency'; readonly why: 'running' | 'conflict' | 'unkept' | 'malformed' }
  /** An operation of the admin plane that was not done. The message is a whole public sentence. */
  | {
      readonly kind: 'admin';
      readonly fault: 'missing' | 'conflict' | 'broken' | 'unreachable';
      readonly message: string;
    }
  | UpstreamFailure
  | { readonly kind: 'internal' };

export interface UpstreamFailure {
  readonly kind: 'upstream';
  readonly cause: UpstreamCause;
  /** Provider and model as the policy names them, e.g. `openai/gpt-5.1`. Absent while a reader does not know it. */
  readonly target?: string;
  /** The upstream's HTTP status, where it answered at all. */
  readonly status?: number;
  /** The upstream's own words: only for causes where the caller needs them (`invalid-request`, ...), redacted and cut. */
  readonly detail?: string;
  readonly retryAfterSeconds?: number;
  /** AI Gateway's `cf-aig-log-id`, to look the request up in the dashboard. */
  readonly logId?: string;
  /** Name of the secret or setting that is at fault, never its value. */
  readonly setting?: string;
  readonly attempts?: readonly AttemptNote[];
}

/** What one try came to, for the error's `attempts` and for the settlement. */
export interface AttemptNote {
  readonly target: string;
  readonly outcome: UpstreamCause | 'answered' | 'skipped';
  readonly status?: number;
  readonly logId?: string;
  /** Why it was skipped. */
  readonly reason?: string;
}

/** The known causes of upstream failure (contract sheet 2.5, 2.6 and 4.4), told apart by status and text class. */
export type UpstreamCause =
  | 'gateway-token' // AI Gateway refused cf-aig-authorization (401, 2009)
  | 'gateway-missing' // the gateway id does not exist (400, 2001)
  | 'account-route' // wrong account id or path (404, 7003 "Could not route")
  | 'cloudflare-token' // Workers AI or the REST API got no valid Cloudflare token (401, 10000)
  | 'caller-key' // the provider refused the caller's own key, on a route that uses it
  | 'provider-key' // the provider refused the key it got (401, 403)
  | 'provider-key-missing' // no key reached the provider: nothing stored, not in Unified Billing
  | 'stored-key-missing' // the policy wants a stored key and the gateway has none (400)
  | 'stored-key-alias' // the named alias is not there (400, 2040)
  | 'unified-model' // not available through Unified Billing (402, 2021)
  | 'unified-rate' // Unified Billing's own rate limit (402, 2021; 429)
  | 'unified-balance' // out of credits (402, 2021, 2049)
  | 'provider-billing' // the provider's own 402 or insufficient_quota
  | 'gateway-rate' // the gateway's rate limit (429, 2003)
  | 'spend-limit' // the gateway's spend limit (429, 2041, 2045; 403, 2040)
  | 'provider-rate' // the provider's 429
  | 'quota' // Workers AI: the day's free neurons are used up (429, 3036)
  | 'capacity' // Workers AI: out of capacity (429, 3040); providers: overloaded (503, 529)
  | 'plan' // Workers AI: needs a paid plan, an agreement or an account permission (403)
  | 'guardrail' // blocked by guardrails (424, 2016, 2017)
  | 'dlp' // blocked by data loss prevention (424, 2029, 2030)
  | 'content-filter' // blocked by the provider's own content filter
  | 'model-missing' // the upstream does not know the model (404, 5007, 7003, 3042)
  | 'context-overflow' // the prompt is longer than the model takes (5021 and the providers' phrases)
  | 'invalid-request' // any other 400, 404, 409, 413, 415, 422 that is about the request itself
  | 'too-large' // 413
  | 'provider-error' // 5xx, 2002, 7009, 7013
  | 'connection' // no connection, DNS, TLS
  | 'first-byte-timeout'
  | 'idle-timeout'
  | 'total-timeout'
  | 'redirect' // 3xx: never followed
  | 'garbage' // 200 with HTML, an empty body, JSON that is no answer, an event that is no JSON
  | 'cut' // the stream ended without its terminal event
  | 'stream-error'; // an error event inside a 200 stream that fits no other cause

/** Ends a request: thrown anywhere, caught in one place, answered in the caller's dialect. */
export class RouterError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: { cause: unknown }) {
    super(failure.kind, options);
    this.failure = failure;
  }
}

/** Ends the request as a 400 that names the field. */
export function refuse(message: string, code: string, param?: string): never {
  throw new RouterError({ kind: 'bad-request', message, code, ...(param !== undefined && { param }) });
}
