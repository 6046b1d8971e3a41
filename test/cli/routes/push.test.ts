import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { account, findRoute, type DynamicRoute } from '../../../src/local/account.ts';
import { accountId } from '../../../src/local/keys.ts';
import { openAccountRig, type AccountRig, type ApiCall, type AccountRigOptions } from '../account-rig.ts';

const routes = '/ai-gateway/gateways/ai-edge-router/routes';
const to = (elementId: string) => ({ elementId });

const start = { id: 'start', type: 'start', outputs: { next: to('model') } };
const end = { id: 'end', type: 'end', outputs: {} };
const asking = (model: string) => ({
  id: 'model',
  type: 'model',
  properties: { provider: 'openai', model, timeout: 60_000, retries: 0 },
  outputs: { success: to('end'), fallback: to('end') },
});
const route = (model: string) => ({ elements: [start, asking(model), end] });

function open(files: Readonly<Record<string, unknown>>, options: AccountRigOptions = {}): AccountRig {
  const opened = openAccountRig({ toml: '[env.local.vars]\nAI_GATEWAY_ID = "ai-edge-router"\n', ...options });
  mkdirSync(join(opened.rig.folder, 'dynamic-routes'));
  for (const [name, value] of Object.entries(files)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    writeFileSync(join(opened.rig.folder, 'dynamic-routes', name), text);
  }
  return opened;
}

/** Changes every route behind the command line's back. */
function changeRoutes(change: (route: DynamicRoute) => DynamicRoute): void {
  const all = account.gateways.get('ai-edge-router')?.routes ?? new Map<string, DynamicRoute>();
  for (const [id, one] of all) all.set(id, change(one));
}

const modelOf = (name: string) => findRoute('ai-edge-router', name)?.model;
const name = 'local account (the stand-in of npm start)';
const left = '\nWithout a file, and left alone: edge.';

describe('routes push', () => {
  it('makes what is missing, deploys what differs, and has nothing to do afterwards', async () => {
    const questions: string[] = [];
    const { rig, taken } = open(
      { 'support.json': route('gpt-5'), 'fresh.jsonc': `// why\n${JSON.stringify(route('gpt-5-nano'))}` },
      { answer: (question) => questions.push(question) > 0 },
    );
    const { code, out, err } = await rig.run('routes push');
    expect([code, out.split('\n').slice(-2).join('\n'), err.split('\n').slice(1)]).toEqual([
      0,
      `Pushed to ai-edge-router: 1 added, 1 changed. See them: router routes list${left}`,
      ['Making fresh ...', 'Deploying support ...'],
    ]);
    expect(out).toContain('    -         "model": "gpt-5-mini",\n    +         "model": "gpt-5",');
    expect(questions).toEqual([`Push this to the gateway ai-edge-router of the ${name}?`]);
    expect([modelOf('fresh'), modelOf('support')]).toEqual(['gpt-5-nano', 'gpt-5']);
    const [made] = taken().filter((call) => call.startsWith('POST'));
    expect(made).toBe(`POST ${routes}`);
    expect((await rig.run('routes push')).out).toBe(
      `Nothing to push: the files in dynamic-routes and the dynamic routes of ai-edge-router are the same.${left}`,
    );
    expect(taken().filter((call) => !call.startsWith('GET'))).toEqual([]);
  });

  it('pushes one by its name, and says the same to scripts', async () => {
    const { rig } = open({ 'a.json': route('gpt-5'), 'b.json': route('gpt-5') });
    expect(await rig.runJson('routes push a --yes')).toEqual({
      command: 'routes push',
      ok: true,
      account: accountId,
      gateway: 'ai-edge-router',
      pushed: ['a'],
      undeclared: [],
      changes: [{ key: 'a', change: 'added', after: { elements: [end, asking('gpt-5'), start] } }],
      findings: [],
    });
    expect([modelOf('a'), modelOf('b')]).toEqual(['gpt-5', undefined]);
  });

  it('compares with what serves, not with a version that is saved alone', async () => {
    const { rig } = open({ 'support.json': route('gpt-5-mini') });
    changeRoutes((one) => ({
      ...one,
      versions: [...one.versions, { id: 'v2', createdAt: 'now', elements: [start, asking('gpt-5'), end] }],
    }));
    expect((await rig.run('routes push')).out).toContain('Nothing to push');
  });

  it('notices that somebody changed a route while the question was open', async () => {
    const { rig } = open(
      { 'support.json': route('gpt-5') },
      {
        answer: () => {
          changeRoutes((one) => ({ ...one, modifiedAt: 'later' }));
          return true;
        },
      },
    );
    expect((await rig.run('routes push')).err.split('\n').at(-1)).toBe(
      'Cannot push support: somebody changed it a moment ago. Nothing was changed. Run the command again.',
    );
    expect(modelOf('support')).toBe('gpt-5-mini');
  });

  it.each([
    [
      'cannot be deployed',
      ({ method, path }: ApiCall) =>
        method === 'POST' && path.endsWith('/deployments') ? Response.json({}, { status: 403 }) : undefined,
      'Cannot deploy the new version of the dynamic route support, which is saved and serves nobody yet: the token may not do this. It needs the permission "AI Gateway Edit" on this account: dashboard, My Profile > API Tokens.\n  403',
    ],
    [
      'is not listed',
      ({ path }: ApiCall) =>
        path.includes('/versions?') ? Response.json({ data: { versions: [], per_page: 20 } }) : undefined,
      'Cannot deploy the dynamic route support: its new version is not listed. Nothing that serves was changed; deploy the version in the dashboard, or push again.',
    ],
    [
      'is not taken over',
      ({ method, path }: ApiCall) =>
        method === 'POST' && path.endsWith('/deployments') ? Response.json({ result: {} }) : undefined,
      'Cannot confirm support: Cloudflare took it, and what serves is not what the file says. Look at it: router routes show support',
    ],
  ])('says so where a new version %s', async (_, serve, message) => {
    const { rig } = open({ 'support.json': route('gpt-5') }, { serve });
    const { code, err } = await rig.run('routes push --yes');
    expect([code, err.split('\n').slice(2).join('\n'), modelOf('support')]).toEqual([1, message, 'gpt-5-mini']);
  });

  it('reads routes and versions that fill more than one page', async () => {
    const { rig } = open({ 'support.json': route('gpt-5') });
    const all = account.gateways.get('ai-edge-router')?.routes ?? new Map<string, DynamicRoute>();
    const many = [...all.values()].flatMap((one) =>
      Array.from({ length: 60 }, (_, index) => ({ ...one, id: `${one.id}-${index}`, name: `${one.name}-${index}` })),
    );
    for (const one of many) all.set(one.id, one);
    changeRoutes((one) => ({
      ...one,
      versions: [...one.versions, ...many.map(({ id }) => ({ id: `${id}-v`, createdAt: '', elements: [] }))],
    }));
    expect((await rig.run('routes push --yes')).code).toBe(0);
    expect(modelOf('support')).toBe('gpt-5');
  });

  it('ends where the account takes no page number', async () => {
    const row = { id: 'r', name: 'r', elements: [] };
    const page = Response.json({ data: { routes: [row], per_page: 1 } });
    const { rig, calls } = open({}, { serve: () => page.clone() });
    expect(await rig.runJson('routes list')).toMatchObject({ routes: [{ name: 'r' }] });
    expect(calls.length).toBe(2);
  });

  it('changes nothing where nobody can be asked', async () => {
    const { rig, taken } = open({ 'support.json': route('gpt-5') });
    expect((await rig.run('routes push')).code).toBe(1);
    expect(taken().filter((call) => !call.startsWith('GET'))).toEqual([]);
  });
});

describe('a route file is refused', () => {
  const both = { success: to('end'), fallback: to('end') };
  const share = (outputs: object) => ({
    elements: [{ ...start, outputs: { next: to('p') } }, { id: 'p', type: 'percentage', outputs }, end],
  });

  it.each([
    ['that is no JSON', '{', 'dynamic-routes/x.json:1:2  fault  is not valid JSON here: close brace expected'],
    ['without elements', {}, 'fault  elements: is missing: must be a list in [ ]'],
    [
      'with an unknown type',
      { elements: [{ id: 'a', type: 'begin' }, end] },
      'fault  elements[0].type: must be one of',
    ],
    ['with an unknown field', { elements: [{ ...start, x: 1 }, end] }, 'elements[0]: "x" is unknown here'],
    [
      'with a way to nowhere',
      { elements: [start, end] },
      'elements[0].outputs.next.elementId: leads to "model", which is no element of this route',
    ],
    [
      'with an id twice',
      { elements: [start, asking('m'), end, end] },
      'elements[3].id: stands in an earlier element too',
    ],
    ['without a start', { elements: [asking('m'), end] }, 'elements: must have one element of the type "start"'],
    [
      'without an end',
      { elements: [start, { ...asking('m'), outputs: { success: to('start'), fallback: to('start') } }] },
      'elements: must have an element of the type "end"',
    ],
    [
      'that turns in a ring',
      { elements: [start, { ...asking('m'), outputs: { success: to('end'), fallback: to('start') } }, end] },
      'elements[0]: "start" leads back to itself',
    ],
    ['with shares of 90 %', share({ '50%': to('end'), '40%': to('end') }), 'must add up to 100 %, and is 90 %'],
    [
      'with six shares',
      share({
        '10%': to('end'),
        '11%': to('end'),
        '12%': to('end'),
        '13%': to('end'),
        '14%': to('end'),
        '40%': to('end'),
      }),
      'elements[1].outputs: must be at most 5 shares',
    ],
    ['with a share of half', share({ half: to('end') }), '"half" cannot stand here: must be a share such as "10%"'],
    [
      'with a limit of nothing',
      {
        elements: [
          { ...start, outputs: { next: to('r') } },
          {
            id: 'r',
            type: 'rate',
            properties: { limitType: 'cost', key: 'metadata.user', limit: 0, window: 60 },
            outputs: both,
          },
          end,
        ],
      },
      'elements[1].properties.limit: must be above 0',
    ],
    ['with a name that is a path', { name: '../x', ...route('m') }, 'name: must be 1 to 64 of letters'],
  ])('%s', async (_, file, message) => {
    const { rig, calls } = open({ 'x.json': file });
    const { code, out, err } = await rig.run('routes push --yes');
    expect([code, err]).toEqual([1, expect.stringMatching(/^Cannot push: the dynamic routes have \d faults?/)]);
    expect(out).toContain(message);
    expect(calls).toEqual([]);
  });

  it('where two have one name', async () => {
    const { rig } = open({ 'x.json': route('a'), 'y.json': { name: 'x', ...route('b') } });
    expect((await rig.run('routes push --yes')).out).toContain(
      'dynamic-routes/y.json:2:11  fault  name: the route "x" has another file already',
    );
  });

  it('and what is never reached is named', async () => {
    const { rig } = open({ 'x.json': { elements: [...route('gpt-5').elements, { ...end, id: 'lost' }] } });
    const { code, out } = await rig.run('routes push --yes');
    expect([code, out.split('\n')[0]]).toEqual([
      0,
      'dynamic-routes/x.json:35:5  warning  elements[3]: "lost" is reached from nowhere',
    ]);
  });
});

describe('routes', () => {
  it('list the models that they may ask', async () => {
    const { rig } = open({});
    const { out } = await rig.run('routes list');
    expect(out.replaceAll(/ +2026-.*/g, '').split('\n')).toEqual([
      'model            asks                                  changed',
      'dynamic/edge     workers-ai/@cf/zai-org/glm-4.7-flash',
      'dynamic/support  openai/gpt-5-mini',
      '',
      '2 dynamic routes on the gateway ai-edge-router.',
    ]);
  });

  it('show one as its file would have it', async () => {
    const { rig } = open({});
    const { out } = await rig.run('routes show support');
    expect(JSON.parse(out)).toEqual(route('gpt-5-mini'));
    expect(await rig.runJson('routes show support')).toMatchObject({ name: 'support', route: route('gpt-5-mini') });
  });

  it.each([
    [
      'routes show nobody',
      1,
      'Cannot find the dynamic route nobody on the gateway ai-edge-router: it has edge, support.',
    ],
    ['routes show x --gateway ..', 2, 'Cannot use ".." as the id of a gateway. See router gateways list.'],
    ['routes push nobody', 1, 'Cannot push: there is no file for the route nobody in dynamic-routes.'],
    [
      'routes push --dir elsewhere',
      1,
      'Cannot read the dynamic routes: there is no folder elsewhere. Name another with --dir, or begin one with router routes show <name> > elsewhere/<name>.json.',
    ],
  ])('are refused: %s', async (line, code, message) => {
    const { rig } = open({});
    expect(await rig.run(line)).toEqual({ code, out: '', err: message });
  });
});
