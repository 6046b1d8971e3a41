import type { AssistantPart, ToolResultPart, Turn } from '../../core/conversation.ts';

/** Gathers a flat list of items into turns. */
export interface Turns {
  readonly list: readonly Turn[];
  /** A turn of its own. One without parts is left out: it says nothing, and most targets refuse it. */
  add(turn: Turn): void;
  /** Parts of the assistant's current turn. */
  assistant(parts: readonly AssistantPart[]): void;
  /** One tool result of the current run of results. */
  result(part: ToolResultPart): void;
}

/** Starts with no turns. */
export function createTurns(): Turns {
  const list: Turn[] = [];
  let answer: AssistantPart[] | undefined;
  let results: ToolResultPart[] | undefined;
  return {
    list,
    add(turn) {
      if (turn.parts.length === 0) return;
      answer = undefined;
      results = undefined;
      list.push(turn);
    },
    assistant(parts) {
      if (parts.length === 0) return;
      if (answer === undefined) {
        answer = [];
        list.push({ role: 'assistant', parts: answer });
      }
      results = undefined;
      for (const part of parts) answer.push(part);
    },
    result(part) {
      if (results === undefined) {
        results = [];
        list.push({ role: 'user', parts: results });
      }
      answer = undefined;
      results.push(part);
    },
  };
}
