import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { World } from '../../src/cli/command.ts';
import { Stop } from '../../src/cli/stop.ts';
import { openRig, route, type Rig } from './rig.ts';

const toml = `
name = "router"
[[kv_namespaces]]
binding = "POLICY"
id = "1"
[env.staging]
name = "router-staging"
[env.local]
name = "router-local"
`;

const policies = {
  'route:chat': { targets: [{ model: 'openai/gpt-5.1', credentials: 'secret', secret: 'OPENAI_API_KEY' }] },
  'route:edge': {
    targets: [{ model: '@cf/a/b', credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN', carrier: 'rest' }],
  },
  'route:own': route('anthropic/claude-sonnet-4-5'),
  defaults: { providers: { mistral: { credentials: 'secret', secret: 'MISTRAL_API_KEY' } } },
};

const canaries = {
  ROUTER_KEY: 'sk-canary-router-0123456789',
  CF_AIG_TOKEN: 'canary-gateway-token',
  OPENAI_API_KEY: 'canary-openai-key',
};

/** A call of wrangler, as it would have been made. */
interface Called {
  readonly args: readonly string[];
  readonly input: string | undefined;
}

interface Opened {
  readonly rig: Rig;
  readonly called: Called[];
  readonly asked: string[];
}

function open(
  options: {
    secrets?: readonly string[];
    file?: string;
    typed?: Readonly<Record<string, string>>;
    wrangler?: World['wrangler'];
    kv?: Readonly<Record<string, unknown>>;
  } = {},
): Opened {
  const called: Called[] = [];
  const asked: string[] = [];
  const { typed } = options;
  const rig = openRig({
    kv: options.kv ?? policies,
    secrets: options.secrets ?? [],
    wrangler:
      options.wrangler ??
      (async (args, input) => {
        called.push({ args, input });
        return '';
      }),
    ...(typed !== undefined && {
      askSecret: async (name) => {
        asked.push(name);
        return typed[name] ?? '';
      },
    }),
  });
  writeFileSync(join(rig.folder, 'wrangler.toml'), toml);
  if (options.file !== undefined) writeFileSync(join(rig.folder, 'secrets.env'), options.file);
  return { rig, called, asked };
}

const everyName = ['ROUTER_KEY', 'CF_AIG_TOKEN', 'OPENAI_API_KEY', 'CLOUDFLARE_API_TOKEN', 'MISTRAL_API_KEY'];

function envFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('');
}

describe('secrets check', () => {
  it('tells every secret that is needed, who names it, and whether it is set', async () => {
    const { rig } = open({ secrets: ['ROUTER_KEY', 'OPENAI_API_KEY'] });
    const { code, out } = await rig.run('secrets check --remote');
    expect([code, out.split('\n')]).toEqual([
      1,
      [
        'environment  secret                named by                                       state',
        'top level    ROUTER_KEY            the router                                     set',
        'top level    CF_AIG_TOKEN          direct names, route:chat, route:own, defaults  missing',
        'top level    OPENAI_API_KEY        route:chat                                     set',
        'top level    CLOUDFLARE_API_TOKEN  route:edge                                     missing',
        'top level    MISTRAL_API_KEY       defaults                                       missing',
        'top level    ADMIN_KEY             the admin plane                                not set',
        '',
        'top level: 3 secrets missing. Next: router secrets push CF_AIG_TOKEN CLOUDFLARE_API_TOKEN MISTRAL_API_KEY',
      ],
    ]);
  });

  it('is content without ADMIN_KEY, which a router runs without', async () => {
    const { rig } = open({ secrets: everyName });
    expect((await rig.run('secrets check --env staging')).code).toBe(0);
  });

  it('asks for every deployed environment of wrangler.toml, and not for the local one', async () => {
    const { rig } = open({ kv: {}, secrets: ['ROUTER_KEY', 'CF_AIG_TOKEN'] });
    const secrets = [
      { name: 'ROUTER_KEY', by: ['the router'], required: true, set: true },
      { name: 'CF_AIG_TOKEN', by: ['direct names'], required: true, set: true },
      { name: 'ADMIN_KEY', by: ['the admin plane'], required: false, set: false },
    ];
    expect(await rig.runJson('secrets check')).toEqual({
      command: 'secrets check',
      ok: true,
      environments: [
        { environment: 'top level', secrets },
        { environment: 'staging', secrets },
      ],
    });
  });

  it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, readonly string[]>>]>([
    [
      'needs no gateway token where all goes by the binding',
      {
        defaults: { directNames: false },
        'route:edge': { targets: [{ model: '@cf/a/b', credentials: 'binding' }] },
      },
      {},
    ],
    [
      'knows what a pattern leads to',
      {
        patterns: [{ match: 'claude-*', model: 'anthropic/{model}' }],
        defaults: { providers: { anthropic: { credentials: 'secret', secret: 'ANTHROPIC_API_KEY' } } },
      },
      { CF_AIG_TOKEN: ['direct names', 'defaults', 'patterns'], ANTHROPIC_API_KEY: ['defaults', 'patterns'] },
    ],
    [
      'does not count a pattern that leads to a route twice',
      {
        patterns: [{ match: 'gpt-*', model: 'own' }],
        defaults: { directNames: false },
        'route:own': route('openai/gpt-5.1'),
      },
      { CF_AIG_TOKEN: ['route:own'] },
    ],
  ])('%s', async (_, kv, named) => {
    const { rig } = open({ kv });
    const secrets = Object.entries(named).map(([name, by]) => ({ name, by, required: true, set: false }));
    expect(await rig.runJson('secrets check --remote')).toMatchObject({
      environments: [{ secrets: [{ name: 'ROUTER_KEY' }, ...secrets, { name: 'ADMIN_KEY' }] }],
    });
  });

  it('reads files that are not pushed yet', async () => {
    const { rig } = open({ kv: {}, secrets: [] });
    rig.write({ 'route.x.json': { targets: [{ model: 'groq/x', credentials: 'secret', secret: 'GROQ_API_KEY' }] } });
    expect(await rig.runJson('secrets check --remote --dir policies')).toMatchObject({
      environments: [{ secrets: [{}, {}, { name: 'GROQ_API_KEY', by: ['policies/route.x.json'] }, {}] }],
    });
  });

  it.each([
    [
      '--env prod',
      'Cannot use --env prod: wrangler.toml has no [env.prod]; it names staging, local. Its top level is --remote.',
    ],
    [
      '--env staging --remote',
      'Cannot choose the environment: --remote is the top level, --env another. Give one of them.',
    ],
  ])('refuses %s', async (words, err) => {
    expect(await open().rig.run(`secrets check ${words}`)).toEqual({ code: 2, out: '', err });
  });
});

describe('secrets push', () => {
  it('hands what is needed of a file to wrangler by stdin, and nothing to anybody else', async () => {
    const { rig, called } = open({ file: envFile({ ...canaries, UNRELATED: 'x' }) });
    const ran = await rig.run('secrets push --from secrets.env --env staging --yes');
    expect([ran.code, called]).toEqual([
      0,
      [{ args: ['secret', 'bulk', '--env=staging'], input: JSON.stringify(canaries) }],
    ]);
    expect(ran.out).toBe(
      'Set ROUTER_KEY, CF_AIG_TOKEN, OPENAI_API_KEY on router-staging. Still missing: CLOUDFLARE_API_TOKEN, MISTRAL_API_KEY; router secrets push --env staging',
    );
    expect(Object.values(canaries).filter((value) => `${ran.out}${ran.err}`.includes(value))).toEqual([]);
  });

  it('tells scripts names alone', async () => {
    const { rig } = open({ file: envFile(canaries) });
    expect(await rig.runJson('secrets push OPENAI_API_KEY --from secrets.env --yes')).toEqual({
      command: 'secrets push',
      ok: true,
      environment: null,
      worker: 'router',
      pushed: ['OPENAI_API_KEY'],
      unset: ['ROUTER_KEY', 'CF_AIG_TOKEN', 'CLOUDFLARE_API_TOKEN', 'MISTRAL_API_KEY'],
    });
  });

  it('pushes what no policy names with --all alone', async () => {
    const { rig, called } = open({ kv: {}, file: 'STRANGE="1"\n' });
    expect((await rig.run('secrets push --from secrets.env --yes')).err).toContain('sets none of the secrets');
    expect((await rig.run('secrets push --from secrets.env --all --yes')).code).toBe(0);
    expect(called.map(({ input }) => input)).toEqual(['{"STRANGE":"1"}']);
  });

  it('asks for what is missing, and leaves alone where nothing is typed', async () => {
    const { rig, called, asked } = open({ secrets: ['ROUTER_KEY', 'OPENAI_API_KEY'], typed: { CF_AIG_TOKEN: 'abc' } });
    expect((await rig.run('secrets push --yes')).code).toBe(0);
    expect([asked, called.map(({ input }) => input)]).toEqual([
      ['CF_AIG_TOKEN', 'CLOUDFLARE_API_TOKEN', 'MISTRAL_API_KEY', 'ADMIN_KEY'],
      ['{"CF_AIG_TOKEN":"abc"}'],
    ]);
  });

  it('asks for a secret that is set where it is named', async () => {
    const { rig, called } = open({ secrets: ['OPENAI_API_KEY'], typed: { OPENAI_API_KEY: 'new' } });
    await rig.run('secrets push OPENAI_API_KEY --yes');
    expect(called.map(({ input }) => input)).toEqual(['{"OPENAI_API_KEY":"new"}']);
  });

  it.each([
    ['empty', { OPENAI_API_KEY: '' }, 'OPENAI_API_KEY is empty'],
    ['of two lines', { OPENAI_API_KEY: 'canary-a\ncanary-b' }, 'OPENAI_API_KEY has a line break in it'],
    ['with a blank at its end', { OPENAI_API_KEY: 'canary ' }, 'OPENAI_API_KEY begins or ends with a blank'],
    [
      'that no header takes',
      { OPENAI_API_KEY: 'canary\u201d' },
      'OPENAI_API_KEY holds a character that cannot stand in a header',
    ],
    [
      'too short to be a key',
      { ROUTER_KEY: 'canary' },
      'ROUTER_KEY is to be at least 16 letters, digits, - and _; openssl rand -hex 24 makes one',
    ],
    [
      'that opens the admin plane to every caller',
      { ROUTER_KEY: canaries.ROUTER_KEY, ADMIN_KEY: canaries.ROUTER_KEY },
      'ADMIN_KEY is the same as ROUTER_KEY: whoever calls the router could administer it',
    ],
  ])('refuses a value %s, before anything is set', async (_, values, fault) => {
    const { rig, called } = open({ file: envFile(values) });
    expect([await rig.run('secrets push --from secrets.env --yes'), called]).toEqual([
      { code: 1, out: '', err: `Reading the remote KV ...\nCannot push: ${fault}. Nothing was set.` },
      [],
    ]);
  });

  it.each([
    ['OPENAI_API_KEYS --from secrets.env', 1, 'no policy names it. Did you mean OPENAI_API_KEY?'],
    ['sk-canary --from secrets.env', 2, "a secret's name is capitals, digits and _, no value."],
    ['MISTRAL_API_KEY --from secrets.env', 1, 'Cannot push MISTRAL_API_KEY: secrets.env does not set it.'],
    ['--from nowhere.env', 1, 'there is no file nowhere.env'],
    ['--all', 2, '--all is about a file'],
    ['', 1, 'nobody is there. Give them in a file'],
  ])('refuses %j', async (words, code, says) => {
    const { rig, called } = open({ file: envFile(canaries) });
    const ran = await rig.run(`secrets push ${words}`);
    expect([ran.code, called]).toEqual([code, []]);
    expect(ran.err).toContain(says);
  });

  it('asks nobody for a value where a script runs it', async () => {
    const { rig, asked } = open({ typed: { CF_AIG_TOKEN: 'abc' } });
    expect([(await rig.run('secrets push --json --yes')).code, asked]).toEqual([1, []]);
  });

  it('keeps values out of what wrangler says when it fails', async () => {
    const { rig } = open({
      file: envFile(canaries),
      wrangler: async (_, input) => {
        throw new Stop(1, `Cannot go on: wrangler secret bulk failed.\n  cannot parse ${input}`);
      },
    });
    const { code, err } = await rig.run('secrets push --from secrets.env --yes');
    expect([code, err]).toEqual([1, expect.stringContaining('"OPENAI_API_KEY":"[OPENAI_API_KEY]"')]);
    expect(Object.values(canaries).filter((value) => err.includes(value))).toEqual([]);
  });
});
