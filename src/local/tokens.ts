import { countWords } from './command.ts';
import type { Prompt } from './prompt.ts';

/** Tokens of one answer: words. `input` counts every word of the prompt once, cached ones included. */
export interface Tokens {
  readonly input: number;
  readonly cachedRead: number;
  readonly cachedWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/**
 * What the providers' prompt caches hold: prefixes marked by `cache_control`, and the length of the last prompt by
 * affinity. At most 200 of them; forgotten with the records.
 */
const seen = new Map<string, number>();
const seenAtMost = 200;

/** Forgets every cached prompt. */
export function forgetPrompts(): void {
  seen.clear();
}

/** A part of an answer, as far as it is counted. */
type CountedPart =
  | { readonly kind: 'thinking' | 'text' | 'refusal'; readonly text: string }
  | { readonly kind: 'tool'; readonly arguments: string };

/** Counts a request and its answer. */
export function countUsage(prompt: Prompt, parts: readonly CountedPart[]): Tokens {
  const input = countInput(prompt);
  const reasoning = sum(parts.filter(({ kind }) => kind === 'thinking').map(words));
  return { input, ...readCache(prompt, input), output: sum(parts.map(words)), reasoning };
}

function words(part: CountedPart): number {
  return countWords(part.kind === 'tool' ? part.arguments : part.text);
}

/** Counts the words of a whole prompt: what `count_tokens` answers. */
export function countInput(prompt: Prompt): number {
  return sum(prompt.items.map((item) => countWords('text' in item ? item.text : item.kind)));
}

function readCache(prompt: Prompt, input: number): Pick<Tokens, 'cachedRead' | 'cachedWrite'> {
  if (prompt.cacheUpTo !== undefined)
    return readMarked({ ...prompt, items: prompt.items.slice(0, prompt.cacheUpTo + 1) });
  if (prompt.affinity === undefined) return { cachedRead: 0, cachedWrite: 0 };
  const key = `affinity ${prompt.model} ${prompt.affinity}`;
  const before = seen.get(key) ?? 0;
  remember(key, input);
  return { cachedRead: Math.min(before, input), cachedWrite: 0 };
}

function readMarked(prefix: Prompt): Pick<Tokens, 'cachedRead' | 'cachedWrite'> {
  const key = `marked ${prefix.model} ${JSON.stringify(prefix.items)}`;
  const words = countInput(prefix);
  if (seen.has(key)) return { cachedRead: words, cachedWrite: 0 };
  remember(key, words);
  return { cachedRead: 0, cachedWrite: words };
}

function remember(key: string, words: number): void {
  const oldest = seen.keys().next().value;
  if (seen.size >= seenAtMost && oldest !== undefined) seen.delete(oldest);
  seen.set(key, words);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
