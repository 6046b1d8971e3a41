/**
 * Lets a browser on one of the named origins read the answer. Exact origins only, never with credentials, and no
 * origin is reflected that the policy does not name (threats.md T69). A preflight is answered without a key: browsers
 * send none with it.
 */
export function corsHeaders(request: Request, response: Response, origins: readonly string[]): Response {
  const origin = request.headers.get('origin') ?? '';
  if (!origins.includes(origin)) return response;
  const isPreflight = request.method === 'OPTIONS' && request.headers.has('access-control-request-method');
  const allowed = isPreflight ? new Response(null, { status: 204 }) : response;
  allowed.headers.set('access-control-allow-origin', origin);
  allowed.headers.append('vary', 'origin');
  allowed.headers.set(
    'access-control-expose-headers',
    'x-request-id, request-id, retry-after, x-router-route, x-router-target',
  );
  if (isPreflight) {
    allowed.headers.set('access-control-allow-methods', 'GET, POST');
    allowed.headers.set('access-control-allow-headers', request.headers.get('access-control-request-headers') ?? '');
    allowed.headers.set('access-control-max-age', '600');
  }
  return allowed;
}
