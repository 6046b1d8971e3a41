import type { Envelope, Span } from './scan.ts';

const encoder = new TextEncoder();

/** Bytes that take the place of a span; an empty span inserts. */
export interface Edit {
  readonly span: Span;
  readonly bytes: Uint8Array;
}

/** Replaces spans of a body in one copy; every byte outside of them stays as it is. The spans must not overlap. */
export function spliceValues(body: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const ordered = edits.toSorted((a, b) => a.span.start - b.span.start);
  const growth = ordered.reduce((sum, { span, bytes }) => sum + bytes.length - (span.end - span.start), 0);
  const spliced = new Uint8Array(body.length + growth);
  let from = 0;
  let to = 0;
  for (const { span, bytes } of ordered) {
    spliced.set(body.subarray(from, span.start), to);
    to += span.start - from;
    spliced.set(bytes, to);
    to += bytes.length;
    from = span.end;
  }
  spliced.set(body.subarray(from), to);
  return spliced;
}

/** The edit that gives a top-level key a value (JSON text), whether the body has the key or not. The key must have been asked for. */
export function setKey(envelope: Envelope, key: string, jsonText: string): Edit {
  const field = envelope.fields.get(key);
  if (field !== undefined) return { span: { start: field.start, end: field.end }, bytes: encoder.encode(jsonText) };
  const separator = envelope.isEmpty ? '' : ',';
  const member = `${separator}${JSON.stringify(key)}:${jsonText}`;
  return { span: { start: envelope.tail, end: envelope.tail }, bytes: encoder.encode(member) };
}

/** The edit that gives a top-level member another name and leaves its value alone; nothing where the body does not have it. */
export function renameKey(envelope: Envelope, from: string, to: string): Edit[] {
  const field = envelope.fields.get(from);
  return field === undefined ? [] : [{ span: field.key, bytes: encoder.encode(JSON.stringify(to)) }];
}

/** The body with another model name; nothing else changes. */
export function spliceModel(body: Uint8Array, envelope: Envelope, model: string): Uint8Array {
  return spliceValues(body, [setKey(envelope, 'model', JSON.stringify(model))]);
}

/** The body with one more top-level member at its end, e.g. `stream_options`. A key that is there gets the new value. */
export function insertKey(body: Uint8Array, envelope: Envelope, key: string, jsonText: string): Uint8Array {
  return spliceValues(body, [setKey(envelope, key, jsonText)]);
}
