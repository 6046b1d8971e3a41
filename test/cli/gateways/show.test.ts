import { describe, expect, it } from 'vitest';
import { account } from '../../../src/local/account.ts';
import { accountId } from '../../../src/local/keys.ts';
import { changeGateway, openAccountRig } from '../account-rig.ts';

const name = 'local account (the stand-in of npm start)';

describe('gateways list', () => {
  it('tells the most important settings of each', async () => {
    const { rig } = openAccountRig();
    changeGateway('open', { cache_ttl: 60, rate_limiting_limit: 5, rate_limiting_interval: 10 });
    expect((await rig.run('gateways list')).out.split('\n').map((line) => line.replace(/ 2026-.*/, ''))).toEqual([
      'id              authentication  byok only  logs  cache  rate limit  changed',
      'ai-edge-router  on              off        on    off    off        ',
      'bare            on              off        on    off    off        ',
      'byok-only       on              on         on    off    off        ',
      'default         on              off        on    off    off        ',
      'open            off             off        on    60 s   5 in 10 s  ',
      '',
      `5 gateways in the ${name}.`,
    ]);
  });

  it('reads every page', async () => {
    const { rig } = openAccountRig();
    for (const id of Array.from({ length: 120 }, (_, index) => `g${index}`)) changeGateway(id, { id });
    const { gateways } = Object(await rig.runJson('gateways list'));
    expect(gateways.length).toBe(125);
  });

  it('ends where the account’s list does not', async () => {
    const { rig, calls } = openAccountRig({ serve: () => Response.json({ result: [{ id: 'x' }], success: true }) });
    expect(await rig.runJson('gateways list')).toMatchObject({ gateways: [{ id: 'x' }] });
    expect(calls.length).toBe(2);
  });

  it('moves no cursor for what others wrote', async () => {
    const { rig } = openAccountRig();
    changeGateway('bare', { id: '\u001b[2Jbare\u0007', modified_at: '\u001b]0;x' });
    const { out } = await rig.run('gateways list');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('gateways show', () => {
  it('tells every setting but credentials, and the stored keys by name', async () => {
    const { rig } = openAccountRig();
    changeGateway('ai-edge-router', {
      otel: [{ url: 'https://otel.example', headers: { 'x-key': 'canary-1' }, authorization: 'canary-2' }],
      stripe: { authorization: 'canary-3', usage_events: [] },
    });
    const shown = await rig.runJson('gateways show ai-edge-router');
    expect(shown).toMatchObject({
      ok: true,
      account: accountId,
      gateway: {
        id: 'ai-edge-router',
        authentication: true,
        otel: [{ url: 'https://otel.example', headers: '[hidden]', authorization: '[hidden]' }],
        stripe: { authorization: '[hidden]', usage_events: [] },
      },
    });
    expect(Object(shown).stored.slice(0, 2)).toEqual([
      { provider: 'openai', alias: 'default' },
      { provider: 'openai', alias: 'second' },
    ]);
    const { out } = await rig.run('gateways show ai-edge-router');
    expect(`${JSON.stringify(shown)}${out}`).not.toMatch(/canary|sk-\.\.\./);
    expect(out).toContain('Stored keys: openai (default), openai (second)');
  });

  it.each([
    ['gateways show nobody', 1, `Cannot find the gateway nobody in the ${name}. See router gateways list.`],
    ['gateways show ../x', 2, 'Cannot use "../x" as the id of a gateway. See router gateways list.'],
    ['gateways show ..', 2, 'Cannot use ".." as the id of a gateway. See router gateways list.'],
    ['gateways delete bare/routes', 2, 'Cannot use "bare/routes" as the id of a gateway. See router gateways list.'],
    ['gateways delete %2e%2e', 2, 'Cannot use "%2e%2e" as the id of a gateway. See router gateways list.'],
    ['gateways delete nobody --yes', 1, `Cannot find the gateway nobody in the ${name}. See router gateways list.`],
  ])('refuses %s', async (line, code, err) => {
    expect(await openAccountRig().rig.run(line)).toEqual({ code, out: '', err });
  });
});

describe('gateways delete', () => {
  it('asks, then deletes', async () => {
    const questions: string[] = [];
    const { rig, taken } = openAccountRig({ answer: (question) => questions.push(question) > 0 });
    expect(await rig.run('gateways delete bare')).toEqual({
      code: 0,
      out: `Deleted the gateway bare of the ${name}.`,
      err: '',
    });
    expect(questions).toEqual([`Delete the gateway bare of the ${name}, with its logs?`]);
    expect(taken()).toEqual(['GET /ai-gateway/gateways/bare', 'DELETE /ai-gateway/gateways/bare']);
    expect(account.gateways.has('bare')).toBe(false);
  });

  it('deletes nothing where nobody can be asked', async () => {
    const { rig } = openAccountRig();
    expect(await rig.runJson('gateways delete bare')).toMatchObject({ ok: false });
    expect(account.gateways.has('bare')).toBe(true);
    expect(await rig.runJson('gateways delete bare --yes')).toMatchObject({ ok: true, deleted: 'bare' });
  });
});
