/*
 * What a calling Worker knows of the router: the types behind `import type { Router } from 'ai-edge-router'`. The file
 * imports nothing, so that it compiles in any project, whatever its settings.
 */

/**
 * The router as a service binding sees it (`entrypoint = "Router"`). Bodies are what the HTTP paths of the same names take,
 * answers what they give. With `stream: true` the answer is a stream of bytes: server-sent events, ready for a `Response`.
 * Every method throws a {@link RouterCallError}, or an error named `AbortError` where the signal ended the call.
 *
 * The caller is the binding's `props` (`{ "caller": "billing" }`); without them every call wants a key.
 */
export interface Router {
  /** OpenAI Chat Completions. */
  chat(body: StreamBody, options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  chat(body: object, options?: CallOptions): Promise<ChatReply>;
  /** Anthropic Messages. */
  messages(body: StreamBody, options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  messages(body: object, options?: CallOptions): Promise<MessagesReply>;
  /** OpenAI Responses. */
  responses(body: StreamBody, options?: CallOptions): Promise<ReadableStream<Uint8Array>>;
  responses(body: object, options?: CallOptions): Promise<ResponsesReply>;
  /** OpenAI embeddings. */
  embeddings(body: object, options?: CallOptions): Promise<EmbeddingsReply>;
  /** Counts the tokens of a Messages body. */
  countTokens(body: object, options?: CallOptions): Promise<{ readonly input_tokens: number }>;
  /** What may be asked for: OpenAI's list, or Anthropic's where the header `anthropic-version` is among the options. */
  models(options?: CallOptions): Promise<ModelList>;
  /** What would happen to a body on a path (`/v1/chat/completions`), without calling any model. */
  explain(path: string, body: object, options?: CallOptions): Promise<Readonly<Record<string, unknown>>>;
  /**
   * In the shape of `env.AI.run`, so that a Worker can swap the binding: `messages`, `prompt`, `input` (Responses) or `text`
   * (embeddings). Whole answers come in the newer models' shape, a chat completion, with `response` beside it.
   * What the policy decides is not taken from the options: `gateway.id`, `gateway.eventId`, `prefix`, `tags`.
   */
  run(model: string, inputs: object, options: RunOptions & { readonly returnRawResponse: true }): Promise<Response>;
  run(model: string, inputs: StreamBody, options?: RunOptions): Promise<ReadableStream<Uint8Array>>;
  run(model: string, inputs: TextInputs, options?: RunOptions): Promise<RunVectors>;
  run(model: string, inputs: object, options?: RunOptions): Promise<RunReply>;
  /** Any request that HTTP clients send, for SDKs: `fetch: (input, init) => env.ROUTER.fetch(input, init)`. */
  fetch(input: Request | URL | string, init?: RequestInit): Promise<Response>;
}

/** A body that asks for a stream. The second form lets a literal have any other field, the first an SDK's own type. */
export type StreamBody = { readonly stream: true } | { readonly stream: true; readonly [field: string]: unknown };

/** Inputs of an embedding model. */
export interface TextInputs {
  readonly text: string | readonly string[];
}

/** What comes with a call besides its body. */
export interface CallOptions {
  /** A key of the router's, for a binding without props. */
  readonly key?: string;
  /** Request headers as over HTTP: `anthropic-beta`, `x-session-affinity`, `idempotency-key`, `x-request-id`, ... */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call, and the upstream one with it. Both Workers need the compatibility flag `enable_abortsignal_rpc`. */
  readonly signal?: AbortSignal;
}

/** The options of `env.AI.run` that mean something here. The `gateway` ones are honoured where the route allows each. */
export interface RunOptions {
  readonly key?: string;
  readonly signal?: AbortSignal;
  readonly extraHeaders?: object;
  /** The whole `Response`, errors included, with the router's headers: `x-router-target`, `x-request-id`, ... */
  readonly returnRawResponse?: boolean;
  readonly gateway?: {
    readonly id?: string;
    readonly cacheKey?: string;
    /** Seconds. */
    readonly cacheTtl?: number;
    readonly skipCache?: boolean;
    readonly metadata?: Readonly<Record<string, string | number | boolean | null | bigint>>;
    readonly collectLog?: boolean;
    readonly eventId?: string;
    readonly requestTimeoutMs?: number;
    readonly retries?: {
      readonly maxAttempts?: 1 | 2 | 3 | 4 | 5;
      readonly retryDelayMs?: number;
      readonly backoff?: 'constant' | 'linear' | 'exponential';
    };
  };
}

/**
 * A failed call. The fields beyond `message` arrive where the calling Worker's compatibility date is 2026-04-21 or later (or
 * with the flag `enhanced_error_serialization`); an older one gets an `Error` with the message `"<code>: <message>"`.
 */
export interface RouterCallError extends Error {
  /** The failure's code, as in an OpenAI error: `model_not_found`, `rate_limit_exceeded`, ... */
  readonly name: string;
  readonly code: string;
  /** The HTTP status that the failure has there. */
  readonly status: number;
  readonly requestId: string;
  /** Where trying again later may help. */
  readonly retryAfterSeconds?: number;
}

/** An OpenAI chat completion; fields that are not named here come as the model's vendor gives them. */
export interface ChatReply {
  readonly id: string;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly finish_reason: string;
    readonly message: {
      readonly role: string;
      readonly content: string | null;
      readonly tool_calls?: readonly {
        readonly id: string;
        readonly type: string;
        readonly function: { readonly name: string; readonly arguments: string };
      }[];
      readonly [field: string]: unknown;
    };
  }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
  readonly [field: string]: unknown;
}

/** An Anthropic message. */
export interface MessagesReply {
  readonly id: string;
  readonly model: string;
  readonly role: string;
  readonly content: readonly { readonly type: string; readonly text?: string; readonly [field: string]: unknown }[];
  readonly stop_reason: string | null;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
  readonly [field: string]: unknown;
}

/** An OpenAI response. */
export interface ResponsesReply {
  readonly id: string;
  readonly model: string;
  readonly status: string;
  readonly output: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly [field: string]: unknown;
}

/** An OpenAI list of embeddings; each is a string where `encoding_format` was `base64`. */
export interface EmbeddingsReply {
  readonly model: string;
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[];
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
  readonly [field: string]: unknown;
}

/** The models by their ids. */
export interface ModelList {
  readonly data: readonly { readonly id: string; readonly [field: string]: unknown }[];
  readonly [field: string]: unknown;
}

/** A whole answer of `run`: a chat completion with its text, or a response where `input` was asked. */
export interface RunReply {
  /** The text of the answer, where it has one. */
  readonly response?: string;
  readonly choices?: ChatReply['choices'];
  readonly usage?: ChatReply['usage'];
  readonly [field: string]: unknown;
}

/** Embeddings as Workers AI gives them. */
export interface RunVectors {
  /** How many vectors, and of how many numbers each. */
  readonly shape: readonly [number, number];
  readonly data: readonly (readonly number[])[];
}
