import type { ReadContext, ReplyContext } from '../../core/half.ts';

/** What the readers of Workers AI's answers need to know of the request. */
export interface WorkersAiContext extends Pick<ReplyContext, 'requestId' | 'model' | 'createdSeconds'>, ReadContext {
  /** `InputNotes.forcedTools`: a call that comes as JSON text is made a call again where its tool is among these. */
  readonly forcedTools?: ReadonlySet<string>;
  /** `InputNotes.maxOutputTokens`. */
  readonly maxOutputTokens?: number;
}

/** The legacy models' cap where the request names none: Workers AI's documented default of `max_tokens`. */
const defaultCap = 256;

/**
 * The legacy family never says why it stopped. An answer as long as its cap was cut by it; without that word agents take half
 * an answer for a whole one.
 */
export function legacyFinish(
  context: WorkersAiContext,
  seen: { tool: boolean; outputTokens: number | undefined },
): string {
  if (seen.tool) return 'tool_calls';
  const cut = seen.outputTokens !== undefined && seen.outputTokens >= (context.maxOutputTokens ?? defaultCap);
  return cut ? 'length' : 'stop';
}
