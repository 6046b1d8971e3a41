import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import type { Command } from '../../src/cli/command.ts';
import { Stop } from '../../src/cli/stop.ts';
import { openRig } from './rig.ts';

const echo: Command = {
  name: 'thing say',
  summary: 'Say things',
  details: [],
  operands: ['<word>', '[other]'],
  options: { loud: { says: 'louder' }, to: { value: '<name>', says: 'whom' }, yes: { says: 'without asking' } },
  json: ['said'],
  examples: ['thing say hello'],
  run: async ({ flags, values, operands }) => {
    if (operands[0] === 'no') throw new Stop(1, 'Cannot say it: no.', { json: { why: 'no' } });
    const said = { flags: [...flags], values: [...values], operands: [...operands] };
    return { exitCode: 0, json: { said: JSON.stringify(said) }, text: JSON.stringify(said) };
  },
};

const careful: Command = {
  ...echo,
  name: 'thing',
  operands: [],
  run: async (_, { confirm, show, progress }) => {
    show('shown');
    progress('waiting ...');
    return { exitCode: 0, json: { answer: await confirm('Really?') }, text: 'done' };
  },
};

const rig = (answer?: boolean) =>
  openRig({ commands: [echo, careful], ...(answer !== undefined && { answer: () => answer }) });

describe('a command line', () => {
  it.each([
    ['thing say hello', { flags: [], values: [], operands: ['hello'] }],
    ['thing say a b --loud', { flags: ['loud'], values: [], operands: ['a', 'b'] }],
    ['thing say --to you a', { flags: [], values: [['to', 'you']], operands: ['a'] }],
    ['thing say --to=-you a', { flags: [], values: [['to', '-you']], operands: ['a'] }],
    ['thing say --to=you --to=me a', { flags: [], values: [['to', 'me']], operands: ['a'] }],
    ['thing say -- --loud', { flags: [], values: [], operands: ['--loud'] }],
  ])('is taken apart: %s', async (line, said) => {
    expect(await rig().run(line)).toEqual({ code: 0, out: JSON.stringify(said), err: '' });
  });

  it.each([
    ['thing say', '<word> is missing.'],
    ['thing say a b c', '"c" is one word too many.'],
    ['thing say a --lout', 'there is no option --lout. Did you mean --loud?'],
    ['thing say a --__proto__', 'there is no option --__proto__.'],
    ['thing say a -x', 'there is no option -x.'],
    ['thing say a --to', '--to needs a value: --to <name>.'],
    ['thing say a --to --loud', '--to needs a value: --to <name>.'],
    ['thing say a --to=', '--to needs a value: --to <name>.'],
    ['thing say a --loud=3', '--loud takes no value.'],
  ])('is refused with 2 and what is right: %s', async (line, what) => {
    expect(await rig().run(line)).toEqual({
      code: 2,
      out: '',
      err: `Cannot run router thing say: ${what} See router thing say --help.`,
    });
  });

  it.each([
    ['polcy', 'Cannot run router polcy: there is no such command. Did you mean router policy? See router --help.'],
    [
      'policy chekc',
      'Cannot run router policy chekc: there is no such command. Did you mean router policy check? See router --help.',
    ],
    ['push', 'Cannot run router push: there is no such command. Did you mean router policy push? See router --help.'],
    ['xyzzy', 'Cannot run router xyzzy: there is no such command. See router --help.'],
    ['--dir x policy check', 'Cannot run router: --dir stands before the command. See router --help.'],
    ['--wat', 'Cannot run router: --wat stands before the command. See router --help.'],
  ])('without a command that exists names the nearest: %s', async (line, message) => {
    expect(await openRig().run(line)).toEqual({ code: 2, out: '', err: message });
  });

  it('says what it says as one JSON object with --json', async () => {
    expect(await rig().run('thing say a --json')).toEqual({
      code: 0,
      out: JSON.stringify(
        { command: 'thing say', ok: true, said: '{"flags":["json"],"values":[],"operands":["a"]}' },
        null,
        2,
      ),
      err: '',
    });
  });

  it.each([
    ['thing say no', 1, { command: 'thing say', error: { message: 'Cannot say it: no.' }, why: 'no' }],
    [
      'thing say',
      2,
      {
        command: 'thing say',
        error: { message: 'Cannot run router thing say: <word> is missing. See router thing say --help.' },
      },
    ],
    [
      'nothing',
      2,
      {
        command: null,
        error: {
          message: 'Cannot run router nothing: there is no such command. See router --help.',
        },
      },
    ],
  ])('is refused in JSON too: %s', async (line, code, shown) => {
    const ran = await rig().run(`${line} --json`);
    expect([ran.code, JSON.parse(ran.out), ran.err]).toEqual([code, { ok: false, ...shown }, '']);
  });
});

describe('help', () => {
  it.each(['', '--help', '-h'])('lists every command: %j', async (line) => {
    const { code, out } = await openRig().run(line);
    expect([code, commands.filter(({ name, summary }) => out.includes(name) && out.includes(summary)).length]).toEqual([
      0,
      commands.length,
    ]);
  });

  it('lists the commands of one group', async () => {
    const { code, out } = await rig().run('policy');
    expect([code, out]).toEqual([2, '']);
    expect((await openRig().run('policy')).out).toContain('policy rollback <revision>');
  });

  it('of one command says its options, its JSON and examples, and runs nothing', async () => {
    expect((await rig().run('thing say --help')).out).toBe(
      [
        'Usage: router thing say <word> [other] [options]',
        '',
        'Say things',
        '',
        'Options',
        '  --loud       louder',
        '  --to <name>  whom',
        '  --yes        without asking',
        '  --json       one JSON object on stdout, for scripts; nothing is asked',
        '  --help       this help',
        '',
        'With --json',
        '  command, ok (and error.message where it is refused)',
        '  said',
        '',
        'Examples',
        '  npm run router -- thing say hello',
      ].join('\n'),
    );
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s names all its options',
    async (name, command) => {
      const { code, out } = await openRig().run(`${name} --help`);
      const missing = Object.keys(command.options).filter((option) => !out.includes(`--${option}`));
      expect([code, missing]).toEqual([0, []]);
    },
  );
});

describe('a question', () => {
  it.each([
    ['yes', true, 'thing', { code: 0, out: 'shown\ndone', err: 'waiting ...' }],
    ['no', false, 'thing', { code: 1, out: 'shown', err: 'waiting ...\nNothing was changed.' }],
    ['--yes', false, 'thing --yes', { code: 0, out: 'shown\ndone', err: 'waiting ...' }],
  ])('is answered by %s', async (_, answer, line, ran) => {
    expect(await rig(answer).run(line)).toEqual(ran);
  });

  it('without anyone to ask is a refusal that names --yes', async () => {
    expect(await rig().run('thing')).toEqual({
      code: 1,
      out: 'shown',
      err: 'waiting ...\nCannot go on: nobody is there to ask "Really?". Give --yes where the answer is yes.',
    });
  });

  it('is not asked of a script', async () => {
    const asked = rig(true);
    expect([(await asked.run('thing --json')).code, asked.questions]).toEqual([1, []]);
  });
});
