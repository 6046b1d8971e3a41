import type { ThinkingPart } from '../../core/conversation.ts';

/**
 * OpenAI's encrypted reasoning travels through Anthropic clients as a thinking block's `signature`, the one opaque field
 * that they give back untouched. The mark keeps it apart from a real signature, so that it never reaches Anthropic.
 */
const mark = 'openai-reasoning:';

/** Puts encrypted reasoning and the id of its item into a signature. */
export function sealReasoning(encrypted: string, id: string | undefined): string {
  return `${mark}${id ?? ''}:${encrypted}`;
}

/** Reads a signature back: Anthropic's own, or what {@link sealReasoning} made. */
export function readSignature(signature: string): Pick<ThinkingPart, 'signature' | 'encrypted' | 'id'> {
  if (!signature.startsWith(mark)) return { signature };
  const end = signature.indexOf(':', mark.length);
  if (end === -1) return { signature };
  const id = signature.slice(mark.length, end);
  return { encrypted: signature.slice(end + 1), ...(id !== '' && { id }) };
}
