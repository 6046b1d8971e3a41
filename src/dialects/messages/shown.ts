/**
 * A word of the caller's, fit for a message and for a response header: names such as `web_search_20250305` and
 * `output_config.effort`. Anything else is not repeated.
 */
export function shownWord(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,64}$/u.test(value) ? value : 'unknown';
}
