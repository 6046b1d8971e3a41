import { expect, it } from 'vitest';
import { visit, withKey } from './router.ts';

it.each(['GET', 'OPTIONS'])('no origin may read %s where no policy names one', async (method) => {
  const headers = { ...withKey, origin: 'https://app.example', 'access-control-request-method': 'POST' };
  const { response } = await visit('/v1/models', { method, headers });
  expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
});
