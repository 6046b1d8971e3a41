import { field, isObject } from '../core/json.ts';
import { firstFault } from './check-chat.ts';
import type { Fault } from './errors.ts';
import { list } from './read.ts';
import type { WorkersModel } from './workers-models.ts';

/**
 * Finds what Workers AI would refuse in a conversation (contract sheet 4.2). `native`: on the binding and `/ai/run` a
 * JSON schema stands bare, on `/ai/v1` in OpenAI's envelope.
 */
export function checkWorkers(inputs: unknown, model: WorkersModel, native: boolean): Fault | undefined {
  if (model.family === 'both' && field(inputs, 'input') !== undefined) return undefined;
  const messages = field(inputs, 'messages');
  if (messages === undefined && typeof field(inputs, 'prompt') === 'string' && native) return undefined;
  if (!Array.isArray(messages) || messages.length === 0) {
    return badInput(
      "Error: oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt', required properties at '/' are 'messages'",
    );
  }
  return (
    firstFault(messages as readonly unknown[], (message) => checkMessage(message, model)) ??
    checkTools(inputs) ??
    checkFormat(inputs, native)
  );
}

function badInput(text: string): Fault {
  return { message: `Bad input: ${text}`, code: '8001' };
}

function checkMessage(message: unknown, model: WorkersModel): Fault | undefined {
  const content = field(message, 'content');
  if (typeof field(message, 'role') !== 'string')
    return badInput("Error: required properties at '/messages/0' are 'role'");
  if (content === null || content === undefined) return wrongContent('null');
  if (typeof content !== 'string' && (model.strictContent || !Array.isArray(content))) {
    return wrongContent(Array.isArray(content) ? 'array' : typeof content);
  }
  // Images come as data URLs or not at all.
  return firstFault(list(content), (part) => {
    const url = field(field(part, 'image_url'), 'url') ?? field(part, 'image_url');
    if (url === undefined || (typeof url === 'string' && url.startsWith('data:'))) return undefined;
    return { message: 'Invalid input: image_url must be a data URL', code: '8001' };
  });
}

function wrongContent(got: string): Fault {
  return badInput(
    `Error: oneOf at '/' not met, 0 matches: required properties at '/' are 'prompt', Type mismatch of '/messages/0/content', '${got}' not in 'string'`,
  );
}

function checkTools(inputs: unknown): Fault | undefined {
  if (field(inputs, 'tool_choice') === 'any') return { message: 'Invalid input: tool_choice', code: '8001' };
  const careless = list(field(inputs, 'tools')).some((tool) => JSON.stringify(tool).includes('"description":false'));
  return careless ? { message: 'Invalid input: description must be a string', code: '8001' } : undefined;
}

function checkFormat(inputs: unknown, native: boolean): Fault | undefined {
  const format = field(inputs, 'response_format');
  if (format === undefined || format === null) return undefined;
  const schema = field(format, 'json_schema');
  const enveloped = isObject(field(schema, 'schema'));
  // The text of these two refusals is not documented (uncertain).
  if (native && field(format, 'type') === 'json_schema' && (enveloped || !isObject(schema))) {
    return { message: 'Invalid input: response_format.json_schema must be a JSON schema', code: '8001' };
  }
  if (field(inputs, 'stream') !== true || field(format, 'type') === 'text') return undefined;
  return { message: "JSON Mode couldn't be met: it is not supported with streaming", code: '8001' };
}
