import { textOf } from '../../core/json.ts';

/**
 * A `type` the caller sent, fit for an error message and for a response header: these are names like `web_search`, so
 * whatever is not one is not repeated.
 */
export function shownType(value: unknown): string {
  const type = textOf(value);
  return type !== undefined && /^[A-Za-z0-9_.-]{1,64}$/.test(type) ? type : 'unknown';
}
