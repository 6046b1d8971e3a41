import type { AssistantPart, Conversation, FilePart, Tool, UserPart } from '../core/conversation.ts';

/*
 * A guess at tokens without a tokenizer: one look at each character, no table of words. Weights were fitted to the usage recorded
 * with real requests and answers of OpenAI and Anthropic models; see Decisions for how good it is.
 */

/** Letters of one word that make a token in English; the rest of a longer word counts in steps of this. */
const lettersAToken = 5.4;
/** Digits that make a token: OpenAI's tokenizers group three, others one. The blank before a number is a token, unlike a word's. */
const digitsAToken = 2.2;
const blankBeforeDigits = 0.7;
/** What one character outside of ASCII costs, by script. */
const costs = { cjk: 0.85, letter: 0.45, symbol: 0.9, pictograph: 2 } as const;
/** One piece of punctuation, and one line end: runs of them share tokens. */
const markCost = 0.75;
const lineCost = 0.6;

/** Every message costs its role and its fences; every request the opening of the answer. */
const messageCost = 4;
const requestCost = 3;
/** Tools come with instructions of the vendor's own: about 85 tokens at OpenAI as recorded, some 300 at Anthropic. */
const toolsPreambleCost = 85;
/** A function's frame around its schema. */
const toolCost = 8;
/** An image of common size: OpenAI counts 765 for 1024 x 1024 in high detail, Anthropic about 1,400, both 85 or less for small ones. */
const imageCost = 1000;
const lowDetailCost = 85;
/** A page of a PDF is about 50 kB of base64 and 1,500 tokens; a second of speech about 40 kB of base64 and 10. */
const fileCharactersAToken = 33;
const audioCharactersAToken = 4000;

type Script = 'space' | 'line' | 'letter' | 'digit' | 'mark' | 'other';

/** Estimates the tokens of a text: whole, 0 for none. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  let run = 0;
  let script: Script = 'space';
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const next = scriptOf(code);
    if (next === 'other') tokens += costOf(code);
    if (next === script) {
      run += 1;
      continue;
    }
    tokens += costOfRun(script, run) + (script === 'space' && run > 0 && next === 'digit' ? blankBeforeDigits : 0);
    script = next;
    run = 1;
  }
  return Math.ceil(tokens + costOfRun(script, run));
}

function scriptOf(code: number): Script {
  if (code === 0x20 || code === 0x09) return 'space';
  if (code === 0x0a || code === 0x0d) return 'line';
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)) return 'letter';
  if (code >= 0x30 && code <= 0x39) return 'digit';
  return code < 0x80 ? 'mark' : 'other';
}

function costOfRun(script: Script, length: number): number {
  switch (script) {
    case 'letter':
      return Math.max(1, length / lettersAToken);
    case 'digit':
      return Math.ceil(length / digitsAToken);
    case 'mark':
      return length === 1 ? markCost : markCost + (length - 1) * 0.5;
    case 'line':
      return lineCost;
    case 'space':
      // One blank belongs to the word behind it; an indent is a token or two.
      return length <= 1 ? 0 : Math.min(2, length / 8);
    case 'other':
      // Counted character by character.
      return 0;
  }
}

/** Kana, Han and Hangul; surrogates, of which two make one pictograph; arrows, dashes, signs; any other letter. */
function costOf(code: number): number {
  if (code >= 0xd800 && code <= 0xdfff) return costs.pictograph / 2;
  if (code >= 0x2e80 && code <= 0xffef) return costs.cjk;
  return code >= 0x2000 || (code >= 0xa0 && code <= 0xbf) || code === 0xd7 || code === 0xf7
    ? costs.symbol
    : costs.letter;
}

/** Estimates the input tokens of a whole request: messages, tools, images and files. Never an error. */
export function estimateConversation(conversation: Conversation): number {
  const { turns, tools, output } = conversation;
  const spoken = turns.reduce((sum, turn) => sum + messageCost + sumOf(turn.parts, estimatePart), 0);
  const schema = output?.type === 'json-schema' ? estimateJson(output.schema) : 0;
  const preamble = tools.length > 0 ? toolsPreambleCost : 0;
  return requestCost + spoken + preamble + sumOf(tools, estimateTool) + schema;
}

function estimateTool(tool: Tool): number {
  return toolCost + estimateTokens(`${tool.name} ${tool.description ?? ''}`) + estimateJson(tool.parameters);
}

function estimatePart(part: UserPart | AssistantPart): number {
  switch (part.type) {
    case 'text':
    case 'thinking':
    case 'refusal':
      return estimateTokens(part.text);
    case 'tool-call':
      return messageCost + estimateTokens(part.name) + estimateTokens(part.arguments);
    case 'tool-result':
      return messageCost + sumOf(part.content, estimatePart);
    case 'image':
      return part.detail === 'low' ? lowDetailCost : imageCost;
    case 'audio':
      return Math.ceil(part.data.length / audioCharactersAToken);
    case 'file':
      return estimateFile(part.source);
  }
}

/** What lies elsewhere is counted as an image: nothing is known of its size. */
function estimateFile(source: FilePart['source']): number {
  if (source.kind === 'text') return estimateTokens(source.text);
  return source.kind === 'data' ? Math.ceil(source.data.length / fileCharactersAToken) : imageCost;
}

/** A schema reaches the model in some shape shorter than its JSON: the brackets and quotes hardly count. */
function estimateJson(value: unknown): number {
  return Math.ceil(estimateTokens(JSON.stringify(value) ?? '') * 0.55);
}

function sumOf<T>(list: readonly T[], estimate: (item: T) => number): number {
  return list.reduce((sum, item) => sum + estimate(item), 0);
}
