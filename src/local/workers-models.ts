import type { ChatTraits } from './chat.ts';

/** How one Workers AI model takes and gives conversations (contract sheet 4.1 and 4.2). */
export interface WorkersModel {
  /** `legacy` answers `{response}`; `chat` answers Chat Completions; `both` also takes the Responses `input` (gpt-oss). */
  readonly family: 'legacy' | 'chat' | 'both';
  /** Message contents must be strings. */
  readonly strictContent: boolean;
  readonly traits: ChatTraits;
}

const legacy: WorkersModel = { family: 'legacy', strictContent: true, traits: {} };

function chat(traits: ChatTraits, strictContent = false): WorkersModel {
  return { family: 'chat', strictContent, traits };
}

/**
 * The models that the stand-in has. Which deviation belongs to which model is not documented (uncertain): they are dealt
 * out so that every one of them occurs.
 */
export const workersModels: ReadonlyMap<string, WorkersModel> = new Map([
  ['@cf/meta/llama-3.1-8b-instruct', legacy],
  ['@cf/meta/llama-3.1-8b-instruct-fp8', legacy],
  ['@cf/meta/llama-3.1-8b-instruct-fp8-fast', legacy],
  ['@cf/meta/llama-3.2-1b-instruct', legacy],
  ['@cf/meta/llama-3.2-3b-instruct', legacy],
  ['@cf/meta/llama-3.2-11b-vision-instruct', { ...legacy, strictContent: false }],
  ['@cf/meta/llama-3.3-70b-instruct-fp8-fast', legacy],
  ['@cf/meta/llama-4-scout-17b-16e-instruct', { ...legacy, strictContent: false }],
  ['@cf/deepseek-ai/deepseek-r1-distill-qwen-32b', legacy],
  ['@cf/ibm-granite/granite-4.0-h-micro', legacy],
  ['@cf/qwen/qwq-32b', legacy],
  ['@cf/qwen/qwen2.5-coder-32b-instruct', legacy],
  ['@cf/mistralai/mistral-small-3.1-24b-instruct', legacy],
  ['@cf/google/gemma-3-12b-it', legacy],
  ['@cf/zai-org/glm-4.7-flash', chat({ reasoningField: 'reasoning_content' }, true)],
  ['@cf/zai-org/glm-5.2', chat({ reasoningField: 'reasoning_content', withoutRole: true })],
  ['@cf/zai-org/glm-5.3', chat({ reasoningField: 'reasoning_content', nullFinal: true })],
  ['@cf/zai-org/glm-5.3-flash', chat({ reasoningField: 'reasoning_content' })],
  ['@cf/moonshotai/kimi-k2.5', chat({ reasoningField: 'reasoning', withoutToolIndex: true, nullFinal: true })],
  ['@cf/moonshotai/kimi-k2.6', chat({ reasoningField: 'reasoning', withoutToolIndex: true, nullFinal: true })],
  ['@cf/moonshotai/kimi-k2.7-code', chat({ reasoningField: 'reasoning', withoutToolIndex: true })],
  ['@cf/google/gemma-4-26b-a4b-it', chat({ reasoningField: 'reasoning' })],
  ['@cf/nvidia/nemotron-3-120b-a12b', chat({ reasoningField: 'reasoning' })],
  ['@cf/deepseek-ai/deepseek-v4-flash-0731', chat({ reasoningField: 'reasoning_content' })],
  ['@cf/deepseek-ai/deepseek-v4-pro-0813', chat({ reasoningField: 'reasoning_content' })],
  ['@cf/qwen/qwen3-30b-a3b-fp8', chat({ reasoningField: 'reasoning_content' }, true)],
  ['@cf/qwen/qwen3.8-27b', chat({ reasoningField: 'reasoning_content' })],
  ['@cf/openai/gpt-oss-20b', { family: 'both', strictContent: false, traits: { reasoningField: 'reasoning' } }],
  ['@cf/openai/gpt-oss-120b', { family: 'both', strictContent: false, traits: { reasoningField: 'reasoning' } }],
]);

/** Embedding models: their dimensions and pooling (contract sheet 4.3). */
export const embeddingModels: ReadonlyMap<string, { readonly dimensions: number; readonly pooling: string }> = new Map([
  ['@cf/baai/bge-m3', { dimensions: 1024, pooling: 'cls' }],
  ['@cf/baai/bge-small-en-v1.5', { dimensions: 384, pooling: 'mean' }],
  ['@cf/baai/bge-base-en-v1.5', { dimensions: 768, pooling: 'mean' }],
  ['@cf/baai/bge-large-en-v1.5', { dimensions: 1024, pooling: 'mean' }],
  ['@cf/qwen/qwen3-embedding-0.6b', { dimensions: 1024, pooling: 'mean' }],
  ['@cf/google/embeddinggemma-300m', { dimensions: 768, pooling: 'mean' }],
]);
