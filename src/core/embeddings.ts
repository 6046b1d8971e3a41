/** An embeddings request, read: what callers may send to `POST /v1/embeddings`. */
export interface EmbeddingsRequest {
  readonly input: EmbeddingsInput;
  /** `base64`: little-endian float32, the default of the official SDKs. */
  readonly encoding: 'float' | 'base64';
  /** The length of vector that the caller wants, where it says. */
  readonly dimensions?: number;
}

/** Texts, or texts already cut into token ids, which only their model's vendor can read. */
export type EmbeddingsInput =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'tokens'; readonly lists: readonly (readonly number[])[] };
