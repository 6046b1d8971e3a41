import type { UnreadMark } from '../core/conversation.ts';

/** Features met while reading a request that the neutral form cannot hold, by name; `lost` is the unmarked kind. */
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
