/** A request of any dialect as the stand-in's brain wants it: one flat list of what was said, and what was asked for. */
export interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  /** `stream_options.include_usage`, which only chat asks for. */
  readonly includeUsage: boolean;
  readonly items: readonly Item[];
  readonly tools: readonly ToolSpec[];
  readonly choice: ToolChoice;
  /** Several tool calls in one answer are allowed. */
  readonly parallel: boolean;
  /** In words, as everything that the stand-in counts. */
  readonly maxTokens?: number;
  readonly stop: readonly string[];
  readonly output?: { readonly schema?: unknown };
  /** Items up to this one, itself included, are marked for the prompt cache (`cache_control`). */
  readonly cacheUpTo?: number;
  /** Names a conversation whose prompts share a cache: `x-session-affinity`, `prompt_cache_key`. */
  readonly affinity?: string;
}

export type Item =
  | { readonly kind: 'text'; readonly role: Role; readonly text: string }
  | { readonly kind: 'media'; readonly what: 'image' | 'file' | 'audio'; readonly type: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string }
  | { readonly kind: 'result'; readonly id: string; readonly text: string };

/** `tools` is where the tool declarations stand, which count as input as well. */
export type Role = 'system' | 'tools' | 'user' | 'assistant';

export interface ToolSpec {
  readonly name: string;
  /** JSON Schema of the arguments. */
  readonly schema: unknown;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** What came after the last answer of the assistant that called no tool: the text that leads, and how far its tool rounds are. */
export interface Lead {
  /** The last text of the user; commands are read from it. */
  readonly text: string;
  /** Tool rounds already answered since that text. */
  readonly round: number;
  /** Texts of the tool results since the assistant's last turn, in order. */
  readonly results: readonly string[];
}

/** Finds what the answer has to react to. */
export function leadOf(items: readonly Item[]): Lead {
  const last = items.findLastIndex((item) => item.kind === 'text' && item.role === 'user');
  const first = startOfRun(items, last);
  const texts = items.slice(first, last + 1).flatMap((item) => (item.kind === 'text' ? [item.text] : []));
  const after = items.slice(last + 1);
  return { text: texts.join('\n'), round: countRounds(after), results: lastResults(items) };
}

/** Several user texts in a row are one: content arrays, consecutive user messages. Media between them does not part them. */
function startOfRun(items: readonly Item[], last: number): number {
  const before = items.slice(0, Math.max(last, 0));
  return before.findLastIndex((item) => !(item.kind === 'media' || (item.kind === 'text' && item.role === 'user'))) + 1;
}

/** Runs of tool results: parallel results are one round. */
function countRounds(items: readonly Item[]): number {
  return items.filter((item, index) => item.kind === 'result' && items[index - 1]?.kind !== 'result').length;
}

function lastResults(items: readonly Item[]): string[] {
  const assistant = items.findLastIndex(
    (item) => item.kind === 'call' || (item.kind === 'text' && item.role === 'assistant'),
  );
  return items.slice(assistant + 1).flatMap((item) => (item.kind === 'result' ? [item.text] : []));
}

/** The media type of an image: of a data URL its own, of another URL the word `url`. */
export function mediaTypeOf(url: unknown): string {
  const type = typeof url === 'string' ? /^data:([a-z0-9.+/-]+)[;,]/i.exec(url)?.[1] : undefined;
  return type ?? 'url';
}
