import type { UnreadMark } from '../../core/conversation.ts';
import { textOf } from '../../core/json.ts';

/** Features met while reading a request that the neutral form cannot hold, by name. */
export type Unread = Map<string, UnreadMark | 'lost'>;

/** The `unread` fields of a conversation. */
export function unreadFields(unread: Unread): {
  unread: readonly string[];
  unreadMarks?: ReadonlyMap<string, UnreadMark>;
} {
  const marks = new Map<string, UnreadMark>();
  for (const [feature, mark] of unread) if (mark !== 'lost') marks.set(feature, mark);
  return { unread: [...unread.keys()], ...(marks.size > 0 && { unreadMarks: marks }) };
}

/**
 * A `type` the caller sent, fit for an error message and for a response header: these are names like `web_search`, so
 * whatever is not one is not repeated.
 */
export function shownType(value: unknown): string {
  const type = textOf(value);
  return type !== undefined && /^[A-Za-z0-9_.-]{1,64}$/.test(type) ? type : 'unknown';
}
