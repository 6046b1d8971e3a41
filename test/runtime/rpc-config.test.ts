import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';

interface Config {
  readonly name: string;
  readonly compatibility_date: string;
  readonly compatibility_flags: readonly string[];
  readonly services?: readonly object[];
}

const files = import.meta.glob<string>(['../../wrangler.toml', '../example/wrangler.toml'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** The files are the project's own; the fields read here are asserted below. */
const readConfig = (path: string): Config => parse(files[path] ?? '') as unknown as Config;
const router = readConfig('../../wrangler.toml');
const example = readConfig('../example/wrangler.toml');

describe('the configuration', () => {
  it('of the example binds the router’s entrypoint and says who calls', () => {
    expect(example.services).toEqual([
      { binding: 'ROUTER', service: router.name, entrypoint: 'Router', props: { caller: 'billing' } },
    ]);
  });

  it.each([
    ['the router', router],
    ['the example', example],
  ])('of %s lets a signal cross, and its caller’s leaving be seen', (_name, { compatibility_flags: flags }) => {
    expect(flags).toEqual(expect.arrayContaining(['enable_request_signal', 'enable_abortsignal_rpc']));
  });

  it('of both is of a date at which errors keep their fields', () => {
    expect([router, example].map(({ compatibility_date: date }) => date >= '2026-04-21')).toEqual([true, true]);
  });
});
