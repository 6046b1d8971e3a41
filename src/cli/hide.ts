import { asJson, isObject, type Json, type JsonObject } from '../core/json.ts';
import { plainText, sayTable } from './table.ts';

/** Names under which Cloudflare's API gives back credentials: OpenTelemetry, Stripe, custom providers. */
const secretNames: ReadonlySet<string> = new Set(['authorization', 'headers', 'secret', 'secret_preview']);

const hidden = '[hidden]';

/** A value as it may be shown: what can be a credential is not in it. */
export function hideCredentials(value: unknown): Json {
  if (Array.isArray(value)) return value.map(hideCredentials);
  if (!isObject(value)) return asJson(value);
  const shown = Object.entries(value).map(
    ([name, inner]) => [name, secretNames.has(name) && !isEmpty(inner) ? hidden : hideCredentials(inner)] as const,
  );
  return Object.fromEntries(shown);
}

/** An object of settings as a table, without credentials and control characters. */
export function saySettings(value: unknown): string {
  const rows = Object.entries(Object(hideCredentials(value)) as JsonObject);
  return sayTable(
    rows.map(([name, inner]) => [name, typeof inner === 'string' ? inner : JSON.stringify(inner)].map(plainText)),
  );
}

/**
 * Whether a value holds a credential that Cloudflare shows in part: written back, the stars would take its place. That it
 * does so is not documented (uncertain).
 */
export function holdsMasked(value: unknown): boolean {
  if (typeof value === 'string') return /\*{3}|•{3}|\[?redacted\]?/i.test(value);
  if (Array.isArray(value)) return value.some(holdsMasked);
  return isObject(value) && Object.values(value).some(holdsMasked);
}

function isEmpty(value: Json): boolean {
  return value === null || value === '' || (isObject(value) && Object.keys(value).length === 0);
}
