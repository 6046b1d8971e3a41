import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { examplePlaceholders, sayBlocks } from '../../src/cli/clients/block.ts';
import { clientBlocks } from '../../src/cli/clients/init.ts';
import { blockRows } from '../clients/blocks.ts';
import { blockMarks, readReadmeBlocks } from '../clients/readme.ts';
import { openRig } from './rig.ts';

const { url, key } = examplePlaceholders;

describe('the blocks of the clients', () => {
  it('stand in the README as init-client prints them', () => {
    const readme = readFileSync('README.md', 'utf8');
    const shown = readme.slice(
      readme.indexOf(blockMarks.begin) + blockMarks.begin.length,
      readme.indexOf(blockMarks.end),
    );
    expect(shown.trim()).toBe(sayBlocks(clientBlocks));
  });

  it('are read back from the README part by part', () => {
    const parts = clientBlocks.map(({ title, parts }) => ({
      title,
      parts: parts.map((part) => ({ ...part, text: `${part.text.trim()}\n` })),
    }));
    expect(readReadmeBlocks()).toEqual(parts);
  });

  it('are run one by one by the test of the clients', () => {
    expect(blockRows.map(({ title }) => title)).toEqual(clientBlocks.map(({ title }) => title));
  });

  it.each(clientBlocks)('$name says where the router is and with which key', ({ parts }) => {
    const text = parts.map((part) => part.text).join('\n');
    expect(text).toContain(url);
    expect(text).toContain(key);
  });
});

describe('init-client', () => {
  it.each(clientBlocks)('fills in the router and the key for $name', async ({ name }) => {
    const rig = openRig({ env: { ROUTER_KEY: 'sk-router-abc' } });
    const { code, out } = await rig.run(`init-client ${name} --url https://ai.acme.example/v1/`);
    expect(code).toBe(0);
    expect(out).toContain('https://ai.acme.example');
    expect(out).toContain('sk-router-abc');
    expect(out).not.toContain(url);
    expect(out).not.toContain(key);
    expect(out).not.toContain('.example/v1/v1');
  });

  it('gives a script the parts', async () => {
    const rig = openRig({ env: { ROUTER_KEY: 'sk-router-abc', ROUTER_URL: 'https://ai.acme.example' } });
    expect(await rig.runJson('init-client curl')).toEqual({
      command: 'init-client',
      ok: true,
      client: 'curl',
      parts: [
        { language: 'sh', text: expect.stringMatching(/^curl .*https:\/\/ai\.acme\.example\/v1\/chat/) as string },
      ],
    });
  });

  it.each([
    { line: 'init-client opencod', env: {}, says: 'Did you mean opencode?' },
    { line: 'init-client', env: {}, says: '<client> is missing' },
    { line: 'init-client curl', env: { ROUTER_KEY: 'a"b' }, says: 'Cannot use ROUTER_KEY' },
    { line: 'init-client curl --url http://ai.acme.example', env: {}, says: 'beginning with https://' },
  ])('refuses $line and says what to do', async ({ line, env, says }) => {
    const { code, err } = await openRig({ env }).run(line);
    expect(code).toBe(2);
    expect(err).toContain(says);
  });
});
