import type { Call } from './core/call.ts';
import { RouterError } from './core/failure.ts';
import { estimateConversation } from './dialects/estimate.ts';
import { readCountRequest, writeCount } from './dialects/messages/count.ts';
import { tryTarget } from './attempt.ts';
import { orderTargets } from './fallback.ts';
import type { Plan } from './policy/plan.ts';
import type { Ports } from './ports.ts';
import type { AnswerFacts } from './tried.ts';

/** The answer of `POST /v1/messages/count_tokens`. */
export interface Count {
  readonly bytes: Uint8Array;
  /** Absent where the count is the router's own estimate. */
  readonly facts?: AnswerFacts;
}

/**
 * Counts a prompt's tokens: exactly where a target of the plan counts itself (Anthropic's API), otherwise by estimate. A
 * target that cannot count at the moment is no error: only a request that is wrong in itself is.
 */
export async function countTokens(call: Call, options: { plan: Plan; ports: Ports }): Promise<Count> {
  const { plan, ports } = options;
  const conversation = readCountRequest(call.json());
  const open = orderTargets(call, options).filter(({ skip }) => skip === undefined);
  const target = open.find((one) => one.target.dialect === 'messages' && one.target.carrier === 'gateway')?.target;
  if (target !== undefined) {
    const tried = await tryTarget(call, { plan, target, ports, onHeaders: () => undefined });
    if (tried.kind === 'reply') return { bytes: tried.bytes, facts: tried.facts };
    if (tried.kind === 'failed' && !tried.elsewhere) throw new RouterError(tried.failure);
  }
  return { bytes: new TextEncoder().encode(JSON.stringify(writeCount(estimateConversation(conversation)))) };
}
