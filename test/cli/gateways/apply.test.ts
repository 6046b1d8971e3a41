import { describe, expect, it } from 'vitest';
import { accountId, readerToken } from '../../../src/local/keys.ts';
import { changeGateway, openAccountRig, operator, settingsOf, type AccountRigOptions } from '../account-rig.ts';

const toml = `
[[ai.gateway]]
id = "bare"
cache_ttl = 300
retry_max_attempts = 3

[[ai.gateway]]
id = "fresh"
zdr = true
`;

const rule = { limit: 5, limitType: 'cost', window: 3600 };
const filled = { id: 'r1', enabled: true, technique: 'fixed', model: null };
const rules = 'spend_limits = { rules = [{ limit = 5, limitType = "cost", window = 3600 }] }';

const open = (options: AccountRigOptions = {}) => openAccountRig({ toml, ...options });

const rest = 'Not declared, and left alone: ai-edge-router, byok-only, default, open.';
const reading = 'Reading the gateways of the local account (the stand-in of npm start) ...';
const planned = [
  '~ bare: cache_ttl: 0 -> 300',
  '~ bare: retry_max_attempts: null -> 3',
  '+ fresh: create',
  '+ fresh: authentication: true',
  '+ fresh: cache_invalidate_on_update: true',
  '+ fresh: cache_ttl: 0',
  '+ fresh: collect_logs: true',
  '+ fresh: rate_limiting_interval: 0',
  '+ fresh: rate_limiting_limit: 0',
  '+ fresh: zdr: true',
  '',
];

const nothing = 'Nothing to do: the gateways of the local account (the stand-in of npm start) are as declared.';

describe('gateways plan', () => {
  it('shows each difference and changes nothing', async () => {
    const { rig, taken } = open();
    expect(await rig.run('gateways plan')).toEqual({
      code: 0,
      out: [
        ...planned,
        '2 gateways to change in the local account (the stand-in of npm start). Next: router gateways apply',
        rest,
      ].join('\n'),
      err: reading,
    });
    expect(taken()).toEqual(['GET /ai-gateway/gateways?per_page=50', 'GET /ai-gateway/gateways?per_page=50&page=2']);
  });

  it('is the same for scripts', async () => {
    const short = '[[ai.gateway]]\nid = "bare"\ncache_ttl = 60\n';
    expect(await open({ toml: short }).rig.runJson('gateways plan')).toEqual({
      command: 'gateways plan',
      ok: true,
      account: accountId,
      changes: [{ id: 'bare', change: 'change', settings: [{ name: 'cache_ttl', now: 0, declared: 60 }] }],
      undeclared: ['ai-edge-router', 'byok-only', 'default', 'open'],
      findings: [],
    });
  });

  it('has nothing to do for what differs in spelling alone', async () => {
    const same = '[[ai.gateway]]\nid = "bare"\ncache_ttl = 0\nretry_max_attempts = false\nauthentication = true\n';
    expect((await open({ toml: same }).rig.run('gateways plan')).out).toBe(`${nothing}\n${rest}`);
  });

  it.each([
    ['a delay of 0 is not the usual delay', 'retry_delay = 0', {}, [{ name: 'retry_delay', now: null, declared: 0 }]],
    ['off may be told by silence', 'log_classification = false', {}, []],
    ['a count of 0 may come back as null', 'cache_ttl = 0', { cache_ttl: null }, []],
    ['the usual values may be filled into a rule', rules, { spend_limits: { rules: [{ ...rule, ...filled }] } }, []],
    [
      'what is no usual value was not declared',
      rules,
      { spend_limits: { rules: [{ ...rule, technique: 'sliding' }] } },
      [expect.objectContaining({ name: 'spend_limits' })],
    ],
  ])('knows what is a difference: %s', async (_, line, there, settings) => {
    changeGateway('bare', there);
    const { rig } = open({ toml: `[[ai.gateway]]\nid = "bare"\n${line}\n` });
    const changes = settings.length === 0 ? [] : [{ id: 'bare', change: 'change', settings }];
    expect(await rig.runJson('gateways plan')).toMatchObject({ changes });
  });

  it('refuses a declaration with faults before it asks anybody', async () => {
    const { rig, calls } = open({ toml: '[[ai.gateway]]\nid = "x"\ncache_ttl = "long"\n' });
    expect(await rig.run('gateways plan')).toEqual({
      code: 1,
      out: 'wrangler.toml:6:1  fault  ai.gateway[0].cache_ttl: must be a number\n',
      err: 'Cannot plan: the gateways of wrangler.toml have 1 fault. Mend them.',
    });
    expect(calls).toEqual([]);
  });

  it('says so where none is declared', async () => {
    const { rig } = open({ toml: '[env.staging]\n' });
    expect((await rig.run('gateways plan --env staging')).err).toBe(
      'Cannot plan: wrangler.toml declares no gateway. Add [[env.staging.ai.gateway]] with an id to it.',
    );
  });
});

describe('gateways apply', () => {
  it('makes and changes what is declared, after which plan is empty', async () => {
    const questions: string[] = [];
    const { rig, taken } = open({ answer: (question) => questions.push(question) > 0 });
    expect(await rig.run('gateways apply')).toEqual({
      code: 0,
      out: [...planned, `Applied to the local account (the stand-in of npm start): bare, fresh.\n${rest}`].join('\n'),
      err: [reading, 'Changing bare ...', 'Making fresh ...'].join('\n'),
    });
    expect(questions).toEqual(['Apply this to the local account (the stand-in of npm start)?']);
    expect(taken().slice(2)).toEqual([
      'GET /ai-gateway/gateways/bare',
      'PUT /ai-gateway/gateways/bare',
      'POST /ai-gateway/gateways',
    ]);
    expect((await rig.run('gateways plan')).out).toBe(`${nothing}\n${rest}`);
    expect(await rig.runJson('gateways apply --yes')).toMatchObject({ ok: true, changes: [], applied: [], left: [] });
  });

  it('keeps the rest of a gateway, which PUT would take away', async () => {
    const { rig, calls } = open({ toml: '[[ai.gateway]]\nid = "bare"\ncache_ttl = 60\n' });
    const rich = {
      zdr: true,
      otel: [{ url: 'https://otel.example', headers: { 'x-key': 'otel-secret' } }],
      spend_limits: { enabled: true, rules: [{ id: 'r1', limit: 5, limitType: 'cost', window: 3600 }] },
    };
    changeGateway('bare', rich);
    const { id, created_at, modified_at, is_default, wholesale, ...kept } = settingsOf('bare');
    expect((await rig.run('gateways apply --yes')).code).toBe(0);
    expect(calls.find(({ method }) => method === 'PUT')?.body).toEqual({ ...kept, cache_ttl: 60 });
    expect(settingsOf('bare')).toEqual({
      ...kept,
      cache_ttl: 60,
      id,
      created_at,
      is_default,
      wholesale,
      modified_at: expect.any(String),
    });
    expect(settingsOf('bare')['modified_at']).not.toBe(modified_at);
  });

  it('sends a setting back that nobody knows here, and leaves it to Cloudflare to refuse it', async () => {
    const { rig, calls } = open();
    changeGateway('bare', { brand_new: 1 });
    expect((await rig.run('gateways apply --yes')).err).toContain('Invalid input: brand_new');
    expect(calls.find(({ method }) => method === 'PUT')?.body).toMatchObject({ brand_new: 1 });
  });

  it('writes limits of money as they are declared, once', async () => {
    const limits = `[[ai.gateway]]
id = "bare"
[ai.gateway.spend_limits]
rules = [{ limit = 5, limitType = "cost", window = 86400, provider = { mode = "filter", values = ["openai"] } }]
`;
    const { rig, calls } = open({ toml: limits });
    await rig.run('gateways apply --yes');
    const rule = { limit: 5, limitType: 'cost', window: 86_400, provider: { mode: 'filter', values: ['openai'] } };
    expect(calls.find(({ method }) => method === 'PUT')?.body).toMatchObject({ spend_limits: { rules: [rule] } });
    expect((await rig.run('gateways plan')).out).toContain('Nothing to do');
  });

  it.each([
    ['no', { answer: () => false }, 'Nothing was changed.'],
    [
      'nobody',
      {},
      'Cannot go on: nobody is there to ask "Apply this to the local account (the stand-in of npm start)?". Give --yes where the answer is yes.',
    ],
  ])('changes nothing where %s is the answer', async (_, options, message) => {
    const { rig, taken } = open(options);
    const { code, err } = await rig.run('gateways apply');
    expect([code, err.split('\n').at(-1)]).toEqual([1, message]);
    expect(taken().filter((call) => !call.startsWith('GET'))).toEqual([]);
  });

  it('notices that somebody changed a gateway while the question was open', async () => {
    const { rig, taken } = open({
      answer: () => {
        changeGateway('bare', { modified_at: '2027-01-01T00:00:00Z' });
        return true;
      },
    });
    const { code, err } = await rig.run('gateways apply');
    expect([code, err.split('\n').at(-1)]).toEqual([
      1,
      'Cannot change bare: somebody changed it a moment ago. Nothing was changed. Run the command again.',
    ]);
    expect(taken().filter((call) => !call.startsWith('GET'))).toEqual([]);
  });

  it('writes no stars over a credential that is shown in part', async () => {
    const { rig, taken } = open();
    changeGateway('bare', { stripe: { authorization: 'sk_***', usage_events: [] } });
    expect((await rig.run('gateways apply --yes')).err).toContain(
      'Cannot change bare: Cloudflare shows a credential in its otel or stripe settings in part only',
    );
    expect(taken().filter((call) => !call.startsWith('GET'))).toEqual([]);
  });

  it('says what Cloudflare did not take over, and what it changed besides', async () => {
    const settings = { id: 'x', cache_ttl: 0, zdr: true, modified_at: 'then' };
    const { rig } = openAccountRig({
      toml: '[[ai.gateway]]\nid = "x"\ncache_ttl = 60\n',
      serve: ({ path, method }) =>
        Response.json({ result: path.includes('?') ? [settings] : { ...settings, zdr: method !== 'PUT' } }),
    });
    expect(await rig.run('gateways apply --yes')).toMatchObject({
      code: 1,
      out: [
        '~ x: cache_ttl: 0 -> 60\n',
        'Applied to the local account (the stand-in of npm start): x.\n',
        'Cloudflare did not take over:\n~ x: cache_ttl: 0 -> 60\n',
        'Cloudflare changed more than it was told to: x: zdr.',
      ].join('\n'),
    });
  });

  it('names the permission that a reader’s token lacks', async () => {
    const { rig } = open({ env: { CLOUDFLARE_API_TOKEN: readerToken } });
    expect((await rig.run('gateways apply --remote --yes')).err.split('\n').slice(-2)).toEqual([
      'Cannot change the gateway bare: the token may not do this. It needs the permission "AI Gateway Edit" on this account: dashboard, My Profile > API Tokens.',
      '  403 (10000) Authentication error',
    ]);
  });

  it.each([
    'gateways plan --remote',
    'gateways apply --remote --yes',
    'gateways list --remote --json',
    'gateways show bare --remote',
    'gateways delete bare --remote --yes',
    'gateways show nobody --remote --json',
  ])('never tells a token: %s', async (line) => {
    const { out, err } = await open().rig.run(line);
    expect(`${out}${err}`).not.toContain(operator.CLOUDFLARE_API_TOKEN);
  });
});
