import { vi } from 'vitest';
import { cloudflareToken, gatewayToken, providerKey, routerKey } from '../../src/local/keys.ts';
import type { RecordedRequest } from '../../src/local/records.ts';
import { fittingCombinations } from '../support/combinations.ts';

/** The caller's own provider key: good for no provider, so that whoever gets it also quotes it. */
export const callerKey = 'sk-caller-canary-7777';

/** Every provider secret that a combination names, with the key that its provider takes. */
export const providerSecrets: Readonly<Record<string, string>> = Object.fromEntries(
  fittingCombinations.flatMap(({ provider, secret }) =>
    secret === undefined || provider === 'workers-ai' ? [] : [[secret, providerKey(provider)] as const],
  ),
);

/** Everything that is secret in a test, by its value. */
const canaries = [routerKey, gatewayToken, cloudflareToken, callerKey, ...Object.values(providerSecrets)];

/** The secrets that stand in a text. */
export function canariesIn(text: string): string[] {
  return canaries.filter((canary) => text.includes(canary));
}

const authHeader = /auth|key|token|secret|cookie|credential|session|amz|wholesale|byok/;
/** Names that sound like a credential and hold none. */
const otherNames = ['cf-aig-cache-key'];

/** The headers of a request that carry a credential, or decide about one. */
export function authHeadersOf(record: RecordedRequest): Record<string, string> {
  return Object.fromEntries(record.headers.filter(([name]) => isAuth(name)));
}

/** Everything of a request but the values of its credential headers. */
export function textWithoutAuth(record: RecordedRequest): string {
  return JSON.stringify({ ...record, headers: record.headers.filter(([name]) => !isAuth(name)) });
}

function isAuth(name: string): boolean {
  return authHeader.test(name) && !otherNames.includes(name);
}

/** What has gone to the console: as one text, and the lines that are JSON. */
export interface CaughtConsole {
  readonly text: () => string;
  readonly lines: () => unknown[];
}

/** Keeps what goes to the console instead of showing it. Call in `beforeEach`. */
export function catchConsole(): CaughtConsole {
  const spies = (['log', 'error', 'warn', 'info', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => undefined),
  );
  for (const spy of spies) spy.mockClear();
  const calls = (): unknown[][] => spies.flatMap((spy) => spy.mock.calls);
  return {
    text: () => JSON.stringify(calls()),
    lines: () => calls().map(([line]) => JSON.parse(String(line)) as unknown),
  };
}

/** A response's headers and body as one text. */
export async function textOf(response: Response): Promise<string> {
  return JSON.stringify([...response.headers]) + (await response.text());
}
