import type { JsonObject } from './json.ts';

/**
 * A header's value before it is sent. A secret is a name until the last line before `fetch`, so that a whole request can
 * be logged, explained and compared in tests.
 */
export type HeaderValue =
  string | { readonly secret: string; readonly prefix: string } | { readonly callerKey: true; readonly prefix: string };

/** One request to Cloudflare's side, complete and without a secret in it. */
export type UpstreamRequest =
  | {
      readonly carrier: 'fetch';
      readonly url: string;
      readonly headers: Readonly<Record<string, HeaderValue>>;
      readonly body: Uint8Array;
      /** Comes behind the body, and can be read once. */
      readonly rest?: ReadableStream<Uint8Array>;
      /** Length of both in bytes, where it is known. */
      readonly lengthBytes?: number;
    }
  | {
      readonly carrier: 'binding';
      readonly model: string;
      readonly input: JsonObject;
      readonly gateway: Readonly<Record<string, unknown>>;
      readonly extraHeaders: Readonly<Record<string, string>>;
    };
