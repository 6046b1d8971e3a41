/** Writes the ids of tool calls as OpenAI takes them, the same on a call and on its result. */
export interface CallIds {
  write(id: string): string;
}

/** OpenAI refuses a `call_id` over 64 characters, and an empty one. */
const longestId = 64;

/** Ids that fit stay as they are. Others are numbered as they come, so that a longer conversation begins the same. */
export function createCallIds(): CallIds {
  const written = new Map<string, string>();
  return {
    write(id) {
      if (id !== '' && id.length <= longestId) return id;
      const made = written.get(id) ?? `call_${written.size}_${id.slice(0, 40)}`;
      written.set(id, made);
      return made;
    },
  };
}
