import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { account } from '../../../src/local/account.ts';
import { accountId } from '../../../src/local/keys.ts';
import { openAccountRig, operator, type AccountRig, type AccountRigOptions } from '../account-rig.ts';

const providers = '/ai-gateway/custom-providers';
const acme = { name: 'Acme', base_url: 'https://models.acme.example' };
const name = 'local account (the stand-in of npm start)';

function open(files: Readonly<Record<string, object>>, options: AccountRigOptions = {}): AccountRig {
  const opened = openAccountRig(options);
  account.providers.clear();
  const folder = join(opened.rig.folder, 'custom-providers');
  mkdirSync(folder);
  for (const [file, value] of Object.entries(files)) writeFileSync(join(folder, file), JSON.stringify(value, null, 2));
  return opened;
}

/** A custom provider that is in the account already. */
function put(slug: string, more: object = {}): void {
  const id = `id-${slug}`;
  const made = { ...acme, slug, beta: false, enable: true, created_at: 'then', modified_at: 'then', ...more, id };
  account.providers.set(id, made);
}

const all = () => [...account.providers.values()];
const writes = (rig: AccountRig) => rig.taken().filter((call) => !call.startsWith('GET'));

describe('providers push', () => {
  it('makes what is missing, once', async () => {
    const opened = open({ 'acme.json': acme });
    expect(await opened.rig.runJson('providers push --yes')).toEqual({
      command: 'providers push',
      ok: true,
      account: accountId,
      pushed: ['acme'],
      undeclared: [],
      changes: [{ key: 'acme', change: 'added', after: { name: 'Acme', slug: 'acme', base_url: acme.base_url } }],
      findings: [],
    });
    expect(writes(opened)).toEqual([`POST ${providers}`]);
    expect(await opened.rig.run('providers push')).toMatchObject({
      code: 0,
      out: `Nothing to push: the files in custom-providers and the custom providers of the ${name} are the same.`,
    });
  });

  it('deletes and makes anew what differs, says so, and keeps what the file does not say', async () => {
    const questions: string[] = [];
    const opened = open(
      { 'acme.json': { ...acme, name: 'Acme 2' } },
      { answer: (question) => questions.push(question) > 0 },
    );
    put('acme', { description: 'kept', headers: '{"x-key":"canary-kept"}', logo: 'theirs' });
    put('other');
    const { code, out, err } = await opened.rig.run('providers push');
    expect([code, out.split('\n').slice(-2)]).toEqual([
      0,
      [`Pushed to the ${name}: 1 changed.`, 'Without a file, and left alone: other.'],
    ]);
    expect(questions).toEqual([`Push this to the ${name}? acme will be deleted, prices and all, and made anew.`]);
    expect(writes(opened)).toEqual([`DELETE ${providers}/id-acme`, `POST ${providers}`]);
    expect(opened.calls.at(-1)?.body).toEqual({
      ...acme,
      name: 'Acme 2',
      slug: 'acme',
      beta: false,
      enable: true,
      description: 'kept',
      headers: '{"x-key":"canary-kept"}',
    });
    expect(`${out}${err}`).not.toContain('canary');
  });

  it('takes a secret header from the shell, compares it, and shows it nowhere', async () => {
    const file = { ...acme, headers: { 'x-tenant': 'a', authorization: { env: 'ACME_KEY' } } };
    const opened = open({ 'acme.json': file }, { env: { ...operator, ACME_KEY: 'canary-new' } });
    put('acme', { headers: '{"authorization":"canary-old","x-tenant":"a"}' });
    const { out, err } = await opened.rig.run('providers push --yes');
    expect(out).toContain('    -   "headers": "[hidden]"\n    +   "headers": "[hidden, and not the same]"');
    expect(`${out}${err}`).not.toContain('canary');
    expect(all().map(({ headers }) => headers)).toEqual(['{"x-tenant":"a","authorization":"canary-new"}']);
    expect((await opened.rig.run('providers push')).out).toContain('Nothing to push');
    const shown = await opened.rig.run('providers show acme');
    const listed = await opened.rig.run('providers list --json');
    expect(`${shown.out}${listed.out}`).not.toContain('canary');
  });

  it('says that a provider is gone where it cannot be made anew', async () => {
    const opened = open(
      { 'acme.json': { ...acme, enable: false } },
      {
        serve: ({ method, path }) => {
          const seen = { ...acme, slug: 'acme', id: 'id-acme', modified_at: 'then' };
          const status = method === 'POST' ? 500 : 200;
          return Response.json({ result: path.includes('?') ? [seen] : seen, success: true }, { status });
        },
      },
    );
    expect((await opened.rig.run('providers push --yes')).err.split('\n').slice(-3)).toEqual([
      'acme is deleted and not made anew, and nobody reaches it until it is: mend what follows, then push again.',
      'Cannot make the custom provider acme: Cloudflare is in trouble. Try again in a moment.',
      '  500',
    ]);
  });

  it('deletes nothing that somebody changed while the question was open', async () => {
    const opened = open(
      { 'acme.json': { ...acme, enable: false } },
      {
        answer: () => {
          put('acme', { modified_at: 'now' });
          return true;
        },
      },
    );
    put('acme');
    expect((await opened.rig.run('providers push')).err.split('\n').at(-1)).toBe(
      'Cannot push acme: somebody changed it a moment ago. Nothing was changed. Run the command again.',
    );
    expect(writes(opened)).toEqual([]);
  });

  it('loses no headers that are shown in part', async () => {
    const opened = open({ 'acme.json': { ...acme, enable: false } });
    put('acme', { headers: '{"x-key":"sk-***"}' });
    expect((await opened.rig.run('providers push --yes')).err).toContain(
      'Cannot push acme: Cloudflare shows its headers in part only',
    );
    expect(writes(opened)).toEqual([]);
  });

  it.each([
    ['http', { 'a.json': { ...acme, base_url: 'http://x' } }, 'base_url: must be an address that begins with https://'],
    ['a password', { 'a.json': { ...acme, base_url: 'https://u:p@x' } }, 'base_url: must be an address'],
    ['a slug that is a path', { 'a.json': { ...acme, slug: '../x' } }, 'slug: must be 1 to 64 of a-z'],
    ['a file name that is no slug', { 'A B.json': acme }, '"A B" is no slug of a provider; give the file another name'],
    ['no name', { 'a.json': { base_url: acme.base_url } }, 'name: is missing'],
    [
      'a variable that is not set',
      { 'a.json': { ...acme, headers: { 'x-key': { env: 'NOT_SET' } } } },
      'headers.x-key.env: NOT_SET is not set in this shell',
    ],
    [
      'one slug twice',
      { 'a.json': acme, 'b.json': { slug: 'a', ...acme } },
      'the provider "a" has another file already',
    ],
  ])('refuses %s before any call', async (_, files, message) => {
    const { rig, calls } = open(files);
    const { code, out } = await rig.run('providers push --yes');
    expect([code, calls]).toEqual([1, []]);
    expect(out).toContain(message);
  });
});

describe('providers', () => {
  it('list themselves', async () => {
    const { rig } = open({});
    put('acme');
    put('zeta', { enable: false, name: '\u001b[31mZeta' });
    expect((await rig.run('providers list')).out.split('\n')).toEqual([
      'provider     name  base url                     enabled',
      'custom-acme  Acme  https://models.acme.example  on',
      'custom-zeta  Zeta  https://models.acme.example  off',
      '',
      `2 custom providers in the ${name}.`,
    ]);
  });

  it.each(['acme', 'custom-acme'])('are deleted by their slug, %s, once somebody says yes', async (slug) => {
    const questions: string[] = [];
    const opened = open({}, { answer: (question) => questions.push(question) > 0 });
    put('acme');
    expect((await opened.rig.run(`providers delete ${slug}`)).out).toBe(
      `Deleted the custom provider acme of the ${name}.`,
    );
    expect(questions).toEqual([`Delete the custom provider acme of the ${name}, with its prices?`]);
    expect(writes(opened)).toEqual([`DELETE ${providers}/id-acme`]);
  });

  it.each([
    ['providers show nobody', 1, `Cannot find the custom provider nobody in the ${name}: it has none.`],
    ['providers show ..', 2, 'Cannot use ".." as the slug of a provider. See router providers list.'],
    ['providers delete a/b --yes', 2, 'Cannot use "a/b" as the slug of a provider. See router providers list.'],
    ['providers push x', 1, 'Cannot push: there is no file for the provider x in custom-providers.'],
  ])('are refused: %s', async (line, code, message) => {
    expect(await open({}).rig.run(line)).toEqual({ code, out: '', err: message });
  });
});
