import { expect, it } from 'vitest';
import { ask, putRoute, visit } from './router.ts';
import { clearRequests, recordedRequests } from '../support/standin.ts';
it('x', async () => {
  await clearRequests();
  const name = await putRoute({ targets: [{ model: 'openai/gpt-5.1', credentials: 'stored' }] });
  const r = await ask('/v1/chat/completions', { model: name, messages: [{ role: 'user', content: 'hi' }] });
  console.warn(r.status, [...r.headers], await r.text());
  const b = await ask('/v1/messages', { model: '@cf/zai-org/glm-4.7-flash', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }] });
  console.warn(b.status, [...b.headers], await b.text());
  console.warn(JSON.stringify(await recordedRequests(), null, 1));
  const t = Date.now();
  for (let i = 0; i < 100; i++) await (await ask('/v1/chat/completions', { model: name, messages: [{ role: 'user', content: 'hi' }] })).text();
  console.warn('per', (Date.now() - t) / 100);
});
