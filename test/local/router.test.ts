import { beforeEach, expect, it } from 'vitest';
import { clearRequests, recordedRequests } from '../support/standin.ts';
import { chat, gatewayBase, restBase, stored, withToken } from './ask.ts';
import '../../src/local/router.ts';

beforeEach(clearRequests);

it('leads the router’s own fetch to the stand-in', async () => {
  const body = JSON.stringify(chat('hi'));
  const answered = await fetch(`${gatewayBase}/openai/chat/completions`, { method: 'POST', headers: stored, body });
  const again = await fetch(new Request(`${restBase}/v1/models`, { headers: withToken }));
  expect([answered.status, again.status]).toEqual([200, 405]);
  expect((await recordedRequests()).map(({ surface }) => surface)).toEqual(['gateway', 'rest']);
});
