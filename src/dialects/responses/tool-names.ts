/** Translates between the two-part names of namespaced tools and the flat names that other dialects know. */
export interface ToolNames {
  /** Makes and remembers the flat name of a tool in a namespace; `undefined` where every flat name is taken or too long. */
  flatten(namespace: string, name: string): string | undefined;
  /** The flat name that stands for the tool, also for one that is no longer offered. */
  neutral(namespace: string | undefined, name: string): string;
}

/** OpenAI's limit for tool names, in characters; Anthropic's is higher. */
const longestName = 64;

/** Starts with the names that stand in the request's list of tools, which flat names must not take. */
export function createToolNames(plain: readonly (string | undefined)[]): ToolNames {
  const taken = new Set<string | undefined>(plain);
  const flat = new Map<string, string>();
  return {
    flatten(namespace, name) {
      const free = [joinName(namespace, name), name].find((made) => made.length <= longestName && !taken.has(made));
      if (free === undefined) return undefined;
      taken.add(free);
      flat.set(key(namespace, name), free);
      return free;
    },
    neutral(namespace, name) {
      if (namespace === undefined) return name;
      return flat.get(key(namespace, name)) ?? joinName(namespace, name);
    },
  };
}

/** Joins as Codex and other MCP clients join server and tool: `mcp__github` and `search` make `mcp__github__search`. */
function joinName(namespace: string, name: string): string {
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`;
}

function key(namespace: string, name: string): string {
  return JSON.stringify([namespace, name]);
}
