import type { Call } from './core/call.ts';
import { field, isObject, parseJson, textOf } from './core/json.ts';
import type { CallFacts } from './policy/condition.ts';

/** A request as the conditions of a policy see it. The body is parsed only when a condition asks for what is in it. */
export function factsOf(call: Call, nowMs: number): CallFacts {
  return {
    dialect: call.dialect,
    stream: call.stream,
    bodyBytes: call.body.length,
    caller: call.caller.name,
    group: call.caller.group,
    region: call.region,
    nowMs,
    header: (name) => (secretHeaders.has(name) ? undefined : (call.headers.get(name) ?? undefined)),
    metadata: (name) => metadataIn(call, name),
    hasTools: () => {
      const tools = field(call.json(), 'tools');
      return Array.isArray(tools) && tools.length > 0;
    },
    hasImages: () => holdsImage(call.json()),
  };
}

/** Keys are not for conditions: a policy is no place for them. */
const secretHeaders = new Set(['authorization', 'x-api-key', 'api-key', 'cf-aig-authorization', 'cookie']);

function metadataIn(call: Call, name: string): string | undefined {
  const inBody = field(field(call.json(), 'metadata'), name);
  const inHeader = field(parseJson(call.headers.get('cf-aig-metadata') ?? ''), name);
  const value = inBody ?? inHeader;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : textOf(value);
}

const imageTypes: ReadonlySet<unknown> = new Set(['image', 'image_url', 'input_image']);

/** Looks for an image part anywhere in the body, without recursion. */
function holdsImage(body: unknown): boolean {
  const left: unknown[] = [body];
  while (left.length > 0) {
    const value = left.pop();
    if (isObject(value) && imageTypes.has(field(value, 'type'))) return true;
    // One by one: a spread of a million elements would overflow the stack.
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) left.push(inner);
  }
  return false;
}
