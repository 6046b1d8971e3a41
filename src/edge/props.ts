import type { Caller } from '../core/call.ts';
import { refuse } from '../core/failure.ts';
import { field } from '../core/json.ts';
import { readKeys } from '../policy/callers.ts';
import type { Ports } from '../ports.ts';

/** Names of callers go into logs, metadata, cache keys and names of objects. `router` is the holder of `ROUTER_KEY`. */
const callerName = /^(?!router$)[A-Za-z0-9][\w.-]{0,63}$/;

/**
 * The caller that a service binding's `props` name: `{ "caller": "billing" }` in the calling Worker's wrangler.toml. Only
 * who may deploy to the account can write it, so it needs no key. `undefined` where the props name nobody: a key is then
 * asked for as over HTTP. A name that is none is refused; it never falls back to another caller.
 */
export function callerFromProps(props: unknown): Caller | undefined {
  const name = field(props, 'caller');
  if (name === undefined) return undefined;
  if (typeof name === 'string' && callerName.test(name)) return { name, kind: 'binding' };
  return refuse(
    'Cannot tell who calls: the service binding\'s props name no caller. Write props = { caller = "billing" }, with 1 to 64 ' +
      'letters, digits, "_", "-" and ".".',
    'invalid_caller',
  );
}

/**
 * The caller's own provider key, of a caller that the props have named. Its credential headers identify nobody then: SDKs
 * send one always, with whatever they were given. What stands in `Authorization`, `x-api-key` or `api-key` is taken for a
 * provider key (it goes upstream only where policy says `caller`), with two exceptions that go nowhere: a value that
 * holds a secret of the router's own, and everything where `cf-aig-authorization` came too, since such a client speaks to a
 * router by key and the other header may hold any of its keys. Throws `two-keys` where the headers disagree.
 */
export function providerKeyBeside(headers: Headers, ports: Pick<Ports, 'redact'>): string | undefined {
  const { routerKey: key } = readKeys(headers);
  if (key === undefined || headers.has('cf-aig-authorization')) return undefined;
  return ports.redact(key, undefined) === key ? key : undefined;
}
