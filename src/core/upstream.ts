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
    }
  | {
      readonly carrier: 'binding';
      readonly model: string;
      readonly input: JsonObject;
      readonly gateway: Readonly<Record<string, unknown>>;
      readonly extraHeaders: Readonly<Record<string, string>>;
    };
