import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';

interface Environment {
  readonly ai?: { readonly binding: string; readonly gateway: readonly { readonly id: string }[] };
  readonly vars: Readonly<Record<string, string>>;
  readonly compatibility_flags?: readonly string[];
}

const [toml = '', lock = ''] = [
  import.meta.glob<string>('../../wrangler.toml', { query: '?raw', import: 'default', eager: true }),
  import.meta.glob<string>('../../package-lock.json', { query: '?raw', import: 'default', eager: true }),
].flatMap((files) => Object.values(files));

// The file is the project's own; the fields read here are asserted below.
const config = parse(toml) as unknown as Environment & { readonly env: Readonly<Record<string, Environment>> };
const deployed: [string, Environment][] = [
  ['production', config],
  ...Object.entries(config.env).filter(([name]) => name !== 'local'),
];

describe('wrangler.toml', () => {
  it.each(deployed)(
    'declares in %s the gateway that AI_GATEWAY_ID names, which wrangler itself does not check',
    (_, environment) => {
      expect(environment.ai?.gateway.map(({ id }) => id)).toEqual([environment.vars['AI_GATEWAY_ID']]);
    },
  );

  it.each(deployed)('binds AI in %s, which environments do not inherit', (_, environment) => {
    expect(environment.ai?.binding).toBe('AI');
  });

  it('keeps the local environment apart from the account', () => {
    expect(config.env['local']?.ai).toBeUndefined();
  });

  it('cancels upstream when a caller leaves', () => {
    expect(config.compatibility_flags).toContain('enable_request_signal');
  });
});

describe('package-lock.json', () => {
  it('carries no download addresses', () => {
    expect(lock).not.toContain('"resolved"');
  });
});
