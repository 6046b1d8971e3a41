/** Text to bytes. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes to text, a BOM kept. */
export const decode = (bytes: Uint8Array | undefined): string =>
  new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(bytes);
