import type { RecordedRequest } from './records.ts';

/** An id in UUIDv7 form that depends on the request's number alone. */
export function logId(seq: number): string {
  return `01990000-0000-7000-8000-${String(seq).padStart(12, '0')}`;
}

/**
 * Puts the headers on that AI Gateway answers with (contract sheet 3.2), and those of a real edge that no caller should
 * ever see through the router.
 */
export function stamp(response: Response, record: RecordedRequest, eventId: string | null): Response {
  const stamped = new Response(response.body, response);
  const id = logId(record.seq);
  stamped.headers.set('cf-aig-log-id', id);
  stamped.headers.set('cf-aig-event-id', eventId ?? id);
  stamped.headers.set('cf-aig-request-id', id);
  stamped.headers.set('cf-aig-step', '0');
  return addNoise(stamped, record);
}

/** Adds what every answer of Cloudflare's edge and of a provider carries. */
export function addNoise(response: Response, record: RecordedRequest): Response {
  const noisy = new Response(response.body, response);
  noisy.headers.set('server', 'cloudflare');
  noisy.headers.set('cf-ray', `local${record.seq}-ARN`);
  noisy.headers.set('x-request-id', `req_upstream${record.seq}`);
  noisy.headers.set('openai-organization', 'org-of-the-operator');
  noisy.headers.append('set-cookie', '__cf_bm=local; path=/; HttpOnly; Secure; SameSite=None');
  return noisy;
}
