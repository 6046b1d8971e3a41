/** Whole answers by cache key, as the gateway keeps them: at most 200, forgotten with the records. */
const kept = new Map<string, { readonly text: string; readonly type: string }>();
const keptAtMost = 200;

/** Forgets every cached answer. */
export function forgetAnswers(): void {
  kept.clear();
}

/**
 * Answers from the cache, or asks and keeps. Only a cache key opts in: a TTL alone does not (contract sheet 3.1), and
 * streams are not kept (6.1).
 */
export async function throughCache(headers: Headers, ask: () => Promise<Response>): Promise<Response> {
  const key = headers.get('cf-aig-cache-key');
  if (key === null || headers.get('cf-aig-skip-cache') === 'true') return ask();
  const hit = kept.get(key);
  if (hit !== undefined) return answerWith(hit, 'HIT');
  const response = await ask();
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.startsWith('application/json')) return response;
  const answer = { text: await response.text(), type };
  const oldest = kept.keys().next().value;
  if (kept.size >= keptAtMost && oldest !== undefined) kept.delete(oldest);
  kept.set(key, answer);
  return answerWith(answer, 'MISS');
}

function answerWith(answer: { readonly text: string; readonly type: string }, status: 'HIT' | 'MISS'): Response {
  return new Response(answer.text, { headers: { 'content-type': answer.type, 'cf-aig-cache-status': status } });
}
