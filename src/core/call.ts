import type { Dialect, OneShotDialect } from './dialect.ts';
import type { JsonObject } from './json.ts';
import type { LimitRules, Limits } from './limits.ts';
import type { CredentialSource } from './target.ts';

/** Who calls, and what the policy grants. */
export interface Caller {
  /** Stable and not secret: goes into logs, metadata, cache keys and the ledger's name. */
  readonly name: string;
  /** How the caller was identified. */
  readonly kind: 'bootstrap' | 'key' | 'oidc' | 'binding';
  /** A group of callers, for conditions. */
  readonly group?: string;
  /** Names that may be asked for: exact or with `*`. Absent, and `routes` too: all. */
  readonly models?: readonly string[];
  /** Routes of the policy that may be asked for, besides what `models` grants. */
  readonly routes?: readonly string[];
  /** Credential sources that targets may use for this caller. Absent: all. */
  readonly sources?: readonly CredentialSource[];
  readonly limits?: Limits;
  /** Limits on single routes, by route name, beside the caller's own. */
  readonly routeLimits?: ReadonlyMap<string, Limits>;
  readonly rules?: LimitRules;
  /** Tags for usage records. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What a request is for: each has one dialect and one canonical path. */
export type Endpoint = 'chat' | 'messages' | 'count-tokens' | 'responses' | OneShotDialect;

export interface EndpointRow {
  readonly dialect: Dialect;
  readonly path: string;
  /** `stream: true` asks for events that the router watches, means nothing there, or is refused since nobody would watch them. */
  readonly stream: 'honoured' | 'ignored' | 'refused';
}

export const endpoints: Readonly<Record<Endpoint, EndpointRow>> = {
  chat: { dialect: 'chat', path: '/v1/chat/completions', stream: 'honoured' },
  messages: { dialect: 'messages', path: '/v1/messages', stream: 'honoured' },
  'count-tokens': { dialect: 'messages', path: '/v1/messages/count_tokens', stream: 'ignored' },
  responses: { dialect: 'responses', path: '/v1/responses', stream: 'honoured' },
  embeddings: { dialect: 'embeddings', path: '/v1/embeddings', stream: 'ignored' },
  completions: { dialect: 'completions', path: '/v1/completions', stream: 'honoured' },
  moderations: { dialect: 'moderations', path: '/v1/moderations', stream: 'ignored' },
  images: { dialect: 'images', path: '/v1/images/generations', stream: 'refused' },
  speech: { dialect: 'speech', path: '/v1/audio/speech', stream: 'ignored' },
  transcriptions: { dialect: 'transcriptions', path: '/v1/audio/transcriptions', stream: 'ignored' },
};

/** A multipart body on its way through: it may be too long to hold, so it can be taken once. */
export interface Upload {
  /** The caller's `content-type`, which names the boundary. */
  readonly contentType: string;
  /** Where the value of the part `model` stands in the held bytes. */
  readonly model: { readonly start: number; readonly end: number };
  /** Length of the whole body in bytes, where the caller told it. */
  readonly lengthBytes?: number;
  /** What is held, and what is still to come: a stream, which only the first to ask gets. */
  take(): { readonly held: Uint8Array; readonly rest?: ReadableStream<Uint8Array> };
  /** All of it, as often as it is asked for. Rejects with `RouterError` (`too-large`) over the limit. */
  whole(): Promise<Uint8Array>;
  /** Its stream has been taken: there is nothing to send to another target. */
  readonly isSpent: boolean;
}

/** One inference request, read once: everything that the rooms behind the door need, and nothing of the transport. */
export interface Call {
  readonly requestId: string;
  readonly endpoint: Endpoint;
  readonly dialect: Dialect;
  readonly caller: Caller;
  /** The model name as the caller wrote it. */
  readonly model: string;
  readonly stream: boolean;
  /** A chat caller asked for usage in the stream: `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  /** The most output tokens that the request asks for, where it says so. */
  readonly outputCap?: number;
  /** How many answers it asks for (`n`). */
  readonly choices: number;
  /** The body's bytes as received; of an upload as much as had to be held. */
  readonly body: Uint8Array;
  /** A multipart body, which is not JSON. */
  readonly upload?: Upload;
  /** The body parsed, on first need: a relay never asks. */
  readonly json: () => JsonObject;
  /** A provider slug that stood in the path, e.g. `anthropic` in `/anthropic/v1/messages`. */
  readonly pathProvider?: string;
  /** A session or conversation id that the caller sent, for affinity. Never goes upstream as it is. */
  readonly session?: string;
  /** Cloudflare's `request.cf`: where the caller is. */
  readonly region: { readonly country?: string; readonly continent?: string; readonly colo?: string };
  /** The caller's headers, to be read through allow-lists only. */
  readonly headers: Headers;
  /** The caller's own provider key. Goes upstream only where policy says `caller`. Never logged. */
  readonly callerKey?: string;
  /** Aborts when the caller leaves. */
  readonly signal: AbortSignal;
}
