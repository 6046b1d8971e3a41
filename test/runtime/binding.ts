import { env, exports } from 'cloudflare:workers';
import type { Router } from '../../src/edge/binding.ts';
// Also leads the router's `fetch` to the stand-in.
import '../../src/local/router.ts';

/** The Worker's own entrypoint: as a binding without props, or as a function that makes one with props. */
const { Router: entrypoint } = exports as unknown as {
  readonly Router: Router & ((options: { readonly props: unknown }) => Router);
};

/** The router as a Worker sees it whose binding has these props. */
export function routerFor(props: unknown): Router {
  return entrypoint({ props });
}

/** The router as the Worker sees it whose binding names the caller `billing`. */
export const billing = routerFor({ caller: 'billing' });

/** The router behind a binding without props. */
export const keyless: Router = entrypoint;

/** The example Worker of `test/example`, which has a binding of its own to the router. */
export const { EXAMPLE: example } = env as unknown as { readonly EXAMPLE: Fetcher };

/** What a call was ended by, as far as it crosses between Workers. */
export async function failureOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  const error: unknown = await call.then(
    (value) => new Error(`was answered: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  const { name, message } = error as Error;
  return { ...(error as object), name, message };
}
