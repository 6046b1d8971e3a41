import type { ConversationDialect } from '../../src/core/dialect.ts';

/** One client of the router as its users hold it: an official SDK, and one of its ways to get an answer. */
export interface Door {
  readonly name: string;
  /** What it speaks to the router. */
  readonly dialect: ConversationDialect;
  readonly streams: boolean;
  /** The client tells its user what the model thought. */
  readonly showsThinking: boolean;
  /** Begins a conversation. The client's own objects make up its history, as in any agent. */
  readonly open: (model: string, wishes?: Wishes) => Talk;
}

/** What a conversation asks for besides answers. */
export interface Wishes {
  readonly tools?: readonly ToolSpec[];
  /** JSON Schema that every answer must fit. */
  readonly schema?: JsonSchema;
  /** Cap on an answer, in tokens. */
  readonly maxTokens?: number;
  readonly key?: string;
  readonly signal?: AbortSignal;
}

export interface ToolSpec {
  readonly name: string;
  readonly parameters: JsonSchema;
}

/** JSON Schema of an object. Not readonly: the SDKs' own types are not. */
export interface JsonSchema {
  [key: string]: unknown;
  type: 'object';
  properties: Record<string, { type: 'string' | 'number' }>;
  required: string[];
  additionalProperties: false;
}

/** A conversation. Both give the model's turn, or throw what the SDK throws. */
export interface Talk {
  /** `image` is a data URL that goes before the text. */
  say(text: string, image?: string): Promise<Turn>;
  /** Answers every call of the last turn with the text that stands under its name and input. */
  answer(results: readonly CallResult[]): Promise<Turn>;
}

export interface CallResult {
  readonly call: Call;
  readonly text: string;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  /** The arguments, parsed. */
  readonly input: unknown;
}

/** The model's turn in no SDK's words. */
export interface Turn {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly Call[];
  readonly stop: string;
  readonly usage: TurnUsage | undefined;
}

/** Tokens; `input` counts cached ones too, whatever the SDK calls it. */
export interface TurnUsage {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

/** The words of all SDKs for why an answer ended. */
const stops: Readonly<Record<string, string>> = {
  end_turn: 'end',
  completed: 'end',
  stop: 'end',
  tool_use: 'tool',
  tool_calls: 'tool',
  'tool-calls': 'tool',
  max_tokens: 'length',
  max_output_tokens: 'length',
};

/** The SDK's word in the one that {@link Turn} uses; a word that is not known stays. */
export function stopOf(word: string | null | undefined): string {
  return stops[word ?? ''] ?? String(word);
}
