import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRig, route } from '../rig.ts';

const keyed = { targets: [{ model: 'openai/x', credentials: 'secret', secret: 'OPENAI_API_KEY' }] };
const secret = {
  level: 'fault',
  file: 'policies/route.keyed.json',
  path: 'targets[0].secret',
  line: 6,
  column: 17,
  message: 'the secret OPENAI_API_KEY is not set; set it with npx wrangler secret put OPENAI_API_KEY',
};

describe('policy check', () => {
  it('of good policies says so, and what to run next', async () => {
    const rig = openRig({ files: { 'route.chat.json': route('openai/x'), 'patterns.json': [] } });
    expect(await rig.run('policy check')).toEqual({
      code: 0,
      out: '2 policies in policies: no faults.\nNext: router policy diff shows what a push would change.',
      err: '',
    });
  });

  it('shows faults one a line, in columns, and ends with 1', async () => {
    const rig = openRig({ files: { 'route.chat.json': route('x'), 'notes.json': {} } });
    expect(await rig.run('policy check')).toEqual({
      code: 1,
      out: [
        'policies/notes.json:1:1        fault  is no policy: files are named route.<name>.json, patterns.json, defaults.json, oidc.json or prices.json (or .jsonc)',
        'policies/route.chat.json:4:16  fault  targets[0].model: "x" is no direct model name such as openai/gpt-5.1, @cf/... or dynamic/...',
        '',
        '2 policies in policies: 2 faults.',
      ].join('\n'),
      err: '',
    });
  });

  it('gives scripts the same', async () => {
    const rig = openRig({ files: { 'route.chat.json': { targets: [] } } });
    expect(await rig.runJson('policy check')).toEqual({
      command: 'policy check',
      ok: false,
      policies: 1,
      secretsChecked: false,
      secrets: [],
      findings: [
        {
          level: 'fault',
          file: 'policies/route.chat.json',
          line: 2,
          column: 14,
          path: 'targets',
          message: 'must be at least 1 entries long',
        },
      ],
    });
  });

  it('lets warnings pass', async () => {
    const rig = openRig({
      files: { 'route.e.json': { targets: [{ model: 'mistral/mistral-embed', credentials: 'stored' }] } },
    });
    const { code, out } = await rig.run('policy check');
    expect([code, out.split('\n').at(-2)]).toEqual([0, '1 policy in policies: 1 warning.']);
  });

  it('leaves dot files and editor schemas alone', async () => {
    const rig = openRig({ files: { '.router-revision.json': {}, 'route.schema.json': {}, 'readme.md': 'x' } });
    expect((await rig.run('policy check')).out).toContain('0 policies in policies: no faults.');
  });

  it('reads another folder', async () => {
    const rig = openRig();
    expect(await rig.run('policy check --dir elsewhere')).toEqual({
      code: 1,
      out: '',
      err: 'Cannot read the policies: there is no folder elsewhere. Name another with --dir, or fill it from KV with router policy pull.',
    });
  });

  it('never lets a file move the cursor of the terminal', async () => {
    const rig = openRig({ files: { 'route.chat.json': { targets: [], 'a\u001b[2Jb\u0007': 1 } } });
    expect((await rig.run('policy check')).out).toMatch(/"a(\[2J|\?\[2J)?b\?" is unknown here/);
  });
});

describe('secrets', () => {
  it('are named where they were not checked', async () => {
    const defaults = { providers: { anthropic: { credentials: 'secret', secret: 'ANTHROPIC_API_KEY' } } };
    const rig = openRig({ files: { 'route.keyed.json': keyed, 'defaults.json': defaults } });
    expect((await rig.run('policy check')).out).toContain(
      'The secrets ANTHROPIC_API_KEY, OPENAI_API_KEY were not checked: give --secrets-from .dev.vars, or --secrets for the deployed ones.',
    );
  });

  it.each([
    ['set in the file', 'OPENAI_API_KEY="sk-canary"', [], '--secrets-from .dev.vars', []],
    ['missing in the file', '# none', ['OPENAI_API_KEY'], '--secrets-from .dev.vars', [secret]],
    ['empty in the file', 'OPENAI_API_KEY=', [], '--secrets-from .dev.vars', [secret]],
    ['deployed', '', ['OPENAI_API_KEY'], '--secrets', []],
    ['missing on the deployed Worker', 'OPENAI_API_KEY=sk-canary', ['ROUTER_KEY'], '--secrets', [secret]],
    [
      'in the file and deployed',
      'OPENAI_API_KEY=sk-canary',
      ['OPENAI_API_KEY'],
      '--secrets --secrets-from .dev.vars',
      [],
    ],
    ['in the file and not deployed', 'OPENAI_API_KEY=sk-canary', [], '--secrets --secrets-from .dev.vars', [secret]],
  ])('that are %s', async (_, vars, deployed, options, findings) => {
    const rig = openRig({ files: { 'route.keyed.json': keyed }, secrets: deployed });
    writeFileSync(join(rig.folder, '.dev.vars'), vars);
    const { out, err } = await rig.run(`policy check ${options} --json`);
    expect(JSON.parse(out)).toMatchObject({ secretsChecked: true, secrets: ['OPENAI_API_KEY'], findings });
    expect(out + err).not.toContain('canary');
  });

  it('in defaults are checked too', async () => {
    const defaults = { providers: { anthropic: { credentials: 'secret', secret: 'ANTHROPIC_API_KEY' } } };
    const rig = openRig({ files: { 'defaults.json': defaults } });
    expect((await rig.run('policy check --secrets')).out).toContain(
      'providers.anthropic.secret: the secret ANTHROPIC_API_KEY is not set',
    );
  });

  it('cannot be looked up in a file that is not there', async () => {
    const rig = openRig({ files: { 'route.keyed.json': keyed } });
    expect(await rig.run('policy check --secrets-from nowhere')).toEqual({
      code: 1,
      out: '',
      err: 'Cannot read the secrets: there is no file nowhere that can be read.',
    });
  });
});
