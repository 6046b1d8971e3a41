import { countOf, field, isObject, textOf } from '../core/json.ts';
import { firstFault } from './check-chat.ts';
import type { Fault } from './errors.ts';
import { signatureStart } from './messages.ts';
import { list } from './read.ts';

/** The Anthropic version that rejects sampling parameters (clients.md finding 1). */
const withoutSampling = '2026-10-21';

/** Finds what Anthropic would refuse in a Messages body. `counting`: `count_tokens` asks for no `max_tokens`. */
export function checkMessages(body: unknown, version: string, counting: boolean): Fault | undefined {
  const messages = field(body, 'messages');
  if (textOf(field(body, 'model')) === undefined) return { param: 'model', message: 'Field required' };
  if (!counting && field(body, 'max_tokens') === undefined) return { param: 'max_tokens', message: 'Field required' };
  if (messages === undefined) return { param: 'messages', message: 'Field required' };
  if (!Array.isArray(messages)) return { param: 'messages', message: 'Input should be a valid list' };
  if (messages.length === 0) return { message: 'messages: at least one message is required' };
  return (
    checkOptions(body, version) ??
    firstFault(list(field(body, 'system')), (block, at) => checkText(block, `system.${at}`)) ??
    firstFault(list(field(body, 'tools')), checkTool) ??
    firstFault(messages as readonly unknown[], checkMessage) ??
    checkToolOrder(messages)
  );
}

function checkOptions(body: unknown, version: string): Fault | undefined {
  const limit = countOf(field(body, 'max_tokens'));
  if (limit !== undefined && limit < 1) {
    return { param: 'max_tokens', message: 'Input should be greater than or equal to 1' };
  }
  const sampled = ['temperature', 'top_p', 'top_k'].find((name) => field(body, name) !== undefined);
  if (version >= withoutSampling && sampled !== undefined) {
    return { param: sampled, message: 'Extra inputs are not permitted' };
  }
  const system = field(body, 'system');
  if (system !== undefined && typeof system !== 'string' && !Array.isArray(system)) {
    return { param: 'system', message: 'Input should be a valid string' };
  }
  const budget = countOf(field(field(body, 'thinking'), 'budget_tokens'));
  if (budget !== undefined && budget < 1024) {
    return {
      param: 'thinking.enabled.budget_tokens',
      message: 'Input should be greater than or equal to 1024',
    };
  }
  if (budget !== undefined && limit !== undefined && budget >= limit) {
    return { message: '`max_tokens` must be greater than `thinking.budget_tokens`.' };
  }
  return undefined;
}

function checkTool(tool: unknown, at: number): Fault | undefined {
  // Anthropic's own tools (`web_search_20250305`, ...) are named by their type and have no schema.
  const type = field(tool, 'type');
  if (type !== undefined && type !== 'custom') return undefined;
  const name = textOf(field(tool, 'name'));
  if (name === undefined) return { param: `tools.${at}.custom.name`, message: 'Field required' };
  if (isObject(field(tool, 'input_schema'))) return undefined;
  return { param: `tools.${at}.custom.input_schema`, message: 'Field required' };
}

function checkMessage(message: unknown, at: number): Fault | undefined {
  const role = field(message, 'role');
  const content = field(message, 'content');
  // `system` is legal inside the conversation since 2026.
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    return { param: `messages.${at}.role`, message: "Input should be 'user' or 'assistant'" };
  }
  if (content === '') return { message: `messages.${at}: all messages must have non-empty content` };
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return { param: `messages.${at}.content`, message: 'Input should be a valid list' };
  return firstFault(content as readonly unknown[], (block, index) =>
    checkBlock(block, `messages.${at}.content.${index}`),
  );
}

const idForm = /^[a-zA-Z0-9_-]+$/;

function checkBlock(block: unknown, place: string): Fault | undefined {
  const type = field(block, 'type');
  if (type === 'text') return checkText(block, place);
  if (type === 'tool_use') {
    if (!isObject(field(block, 'input'))) {
      return { param: `${place}.tool_use.input`, message: 'Input should be a valid dictionary' };
    }
    const fits = idForm.test(String(field(block, 'id')));
    return fits
      ? undefined
      : { param: `${place}.tool_use.id`, message: "String should match pattern '^[a-zA-Z0-9_-]+$'" };
  }
  if (type === 'thinking' && !String(field(block, 'signature')).startsWith(signatureStart)) {
    return { param: place, message: 'Invalid `signature` in `thinking` block' };
  }
  return typeof type === 'string' ? undefined : { param: `${place}.type`, message: 'Field required' };
}

function checkText(block: unknown, place: string): Fault | undefined {
  const text = field(block, 'text');
  if (typeof text !== 'string') return { param: `${place}.text.text`, message: 'Field required' };
  return text === '' ? { message: 'messages: text content blocks must be non-empty' } : undefined;
}

/** Every `tool_use` has its `tool_result` in the next message, and every result its use in the one before. */
function checkToolOrder(messages: readonly unknown[]): Fault | undefined {
  let open = new Set<unknown>();
  return firstFault([...messages, undefined], (message, at) => {
    const blocks = list(field(message, 'content'));
    const results = blocks.filter((block) => field(block, 'type') === 'tool_result');
    const stray = results.find((block) => !open.delete(field(block, 'tool_use_id')));
    if (stray !== undefined) {
      const id = String(field(stray, 'tool_use_id'));
      return {
        message: `messages.${at}.content.${blocks.indexOf(stray)}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      };
    }
    if (open.size > 0) {
      return {
        message: `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...open].join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      };
    }
    const uses = blocks.filter((block) => field(block, 'type') === 'tool_use');
    open = new Set(uses.map((block) => field(block, 'id')));
    return undefined;
  });
}
