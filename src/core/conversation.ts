/**
 * The neutral request: what a caller asks for, said in no vendor's format. Client halves read it from a body
 * (`readRequest`), target halves write it into one (`writeRequest`). A thing that has no place here is either in
 * `carried` under its wire name or it is refused: nothing is dropped in silence.
 */
export interface Conversation {
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  /** `false`: at most one tool call an answer. Absent: the target's default, which is to allow several. */
  readonly parallelTools?: boolean;
  readonly maxOutputTokens?: number;
  readonly stop?: readonly string[];
  readonly sampling: Sampling;
  readonly output?: OutputFormat;
  readonly reasoning?: Reasoning;
  readonly stream: boolean;
  /** Top-level request fields that have no neutral meaning, by their wire name in the caller's dialect, untouched. */
  readonly carried: ReadonlyMap<string, unknown>;
  /**
   * Features found inside turns or tools that the neutral form cannot hold, by a name a person understands
   * (`citations on a text block`). Each one is a loss on every target.
   */
  readonly unread: readonly string[];
  /**
   * What kind of loss a feature of `unread` is, where it is a mild one. `harmless`: leaving it out changes nothing about
   * the answer. `offered`: the caller only offers it to the model (a hosted tool that no tool choice forces), so an agent
   * works without it, but its answer may differ: a loss that is reported, and refused where the policy says so.
   */
  readonly unreadMarks?: ReadonlyMap<string, UnreadMark>;
}

export type UnreadMark = 'harmless' | 'offered';

/** Instructions stand among the turns, in their order; `developer` is OpenAI's newer name for `system`. */
export type Turn =
  | { readonly role: 'system' | 'developer'; readonly parts: readonly TextPart[] }
  | { readonly role: 'user'; readonly parts: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[] };

export type UserPart = TextPart | ImagePart | FilePart | AudioPart | ToolResultPart;
export type AssistantPart = TextPart | ThinkingPart | ToolCallPart | RefusalPart;

/** A prompt-cache mark as Anthropic writes it, e.g. `{ type: 'ephemeral', ttl: '1h' }`. Lost on every other target. */
export type CacheControl = Readonly<Record<string, unknown>>;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly cacheControl?: CacheControl;
}

/** Bytes by reference or in place; `data` is base64 without a prefix. */
export type Source =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'data'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'file'; readonly id: string };

export interface ImagePart {
  readonly type: 'image';
  readonly source: Source;
  /** OpenAI's `low`, `high`, `auto`, `original`. */
  readonly detail?: string;
  readonly cacheControl?: CacheControl;
}

export interface FilePart {
  readonly type: 'file';
  readonly source: Source | { readonly kind: 'text'; readonly mediaType: string; readonly text: string };
  readonly name?: string;
  readonly cacheControl?: CacheControl;
}

export interface AudioPart {
  readonly type: 'audio';
  /** Base64. */
  readonly data: string;
  readonly format: string;
}

/** The outcome of one tool call, answered in a user turn (Anthropic) or a message of its own (OpenAI). */
export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError?: boolean;
  readonly cacheControl?: CacheControl;
}

/**
 * Reasoning that comes back to its author. `signature` (Anthropic), `redacted` (Anthropic's `redacted_thinking` data) and
 * `encrypted` (Responses' `encrypted_content`) are opaque and only mean something to the vendor that made them.
 */
export interface ThinkingPart {
  readonly type: 'thinking';
  readonly text: string;
  readonly signature?: string;
  readonly redacted?: string;
  readonly encrypted?: string;
  /** The Responses item id (`rs_...`). */
  readonly id?: string;
}

export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text, exactly as the model wrote them. */
  readonly arguments: string;
  readonly cacheControl?: CacheControl;
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export interface Tool {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments, untouched. */
  readonly parameters: unknown;
  readonly strict?: boolean;
  readonly cacheControl?: CacheControl;
  /** The caller's own name of a tool that `name` had to be made for (Responses' `namespace` tools); replies use it. */
  readonly origin?: { readonly namespace: string; readonly name: string };
}

export type ToolChoice =
  { readonly type: 'auto' | 'none' | 'required' } | { readonly type: 'named'; readonly name: string };

export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
}

export type OutputFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly schema: unknown;
      readonly name?: string;
      readonly description?: string;
      readonly strict?: boolean;
    };

/** How much to think. `budgetTokens` is Anthropic's, `effort` OpenAI's; each half maps the one it lacks. */
export interface Reasoning {
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`: the field's own words, unknown ones kept. */
  readonly effort?: string;
  readonly budgetTokens?: number;
  /** Anthropic's `thinking.type`: `adaptive` lets the model decide, `off` forbids. */
  readonly mode?: 'on' | 'off' | 'adaptive';
  /** What the caller wants to see of it: Responses' `summary`, Anthropic's `display`. */
  readonly summary?: string;
}

/** One request feature that a target cannot carry. Harmless ones change nothing about the answer and never refuse. */
export interface Loss {
  /** The feature in the words of the caller's dialect, e.g. `cache_control`, `logprobs`. */
  readonly feature: string;
  readonly harmless: boolean;
}
