/** Writes tool ids that Anthropic takes: `^[a-zA-Z0-9_-]+$`, and no two calls of a conversation alike. */
export interface ToolIds {
  /** The id of a call. A second call under the same id gets another one. */
  call(id: string): string;
  /** The id in a result: that of the latest call under its id. */
  result(id: string): string;
}

/** Starts the ids of one request. */
export function writeToolIds(): ToolIds {
  const written = new Map<string, string>();
  const taken = new Set<string>();
  return {
    call(id) {
      const clean = cleanId(id);
      let unique = clean;
      for (let count = 2; taken.has(unique); count++) unique = `${clean}_${count}`;
      taken.add(unique);
      written.set(id, unique);
      return unique;
    },
    result: (id) => written.get(id) ?? cleanId(id),
  };
}

function cleanId(id: string): string {
  const clean = id.replaceAll(/[^a-zA-Z0-9_-]/gu, '_');
  return clean === '' ? 'call' : clean;
}
