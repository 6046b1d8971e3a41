import type { Call } from './core/call.ts';
import { isConversation } from './core/dialect.ts';
import { estimateConversation, estimateTokens } from './dialects/estimate.ts';
import { clientHalves } from './halves.ts';

/** A request's prompt in tokens, by estimate: of the conversation where it can be read as one, else of the body's text. */
export function estimateInput(call: Call): number {
  if (!isConversation(call.dialect)) return estimateTokens(new TextDecoder().decode(call.body));
  try {
    return estimateConversation(clientHalves[call.dialect].readRequest(call.json()));
  } catch {
    return estimateTokens(new TextDecoder().decode(call.body));
  }
}
