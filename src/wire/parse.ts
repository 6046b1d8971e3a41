import { RouterError } from '../core/failure.ts';
import { isObject, type JsonObject } from '../core/json.ts';

/** Parses a body that a relay would pass on unread. Invalid UTF-8 is refused here, not silently mended. */
export function parseBody(bytes: Uint8Array): JsonObject {
  const parsed = parseStrict(bytes);
  if (isObject(parsed)) return parsed;
  throw new RouterError({
    kind: 'bad-request',
    message: 'Cannot read the body: it is not a JSON object.',
    code: 'invalid_json',
  });
}

function parseStrict(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch (cause) {
    throw new RouterError(
      { kind: 'bad-request', message: 'Cannot read the body: it is not valid JSON in UTF-8.', code: 'invalid_json' },
      { cause },
    );
  }
}

/** A value as the bytes of its JSON. */
export function encodeJson(value: JsonObject): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
