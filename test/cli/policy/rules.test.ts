import { describe, expect, it } from 'vitest';
import { readStem } from '../../../src/cli/policy/kinds.ts';
import { checkPolicies } from '../../../src/cli/policy/rules.ts';
import { readSource } from '../../../src/cli/policy/source.ts';
import { covers } from '../../../src/cli/policy/patterns.ts';
import { readSamples } from '../../../src/local/seed.ts';
import { filesOf } from '../../../src/cli/policy/folder.ts';

/** What the check says of files, by name: `file:line:column path: message`, warnings with a `?` in front. */
function said(files: Record<string, unknown>): string[] {
  const read = Object.entries(files).map(([path, value]) => ({
    path,
    key: readStem(path.replace(/\.jsonc?$/, '')),
    source: readSource(typeof value === 'string' ? value : JSON.stringify(value)),
  }));
  return checkPolicies(read).map(
    ({ level, file, line, column, path, message }) =>
      `${level === 'warning' ? '? ' : ''}${file}:${line}:${column} ${path}: ${message}`,
  );
}

/** A finding without its file, line and column. */
function withoutPlace(finding: string): string {
  return finding.replace(/^\S+ /, '');
}

const good = { model: 'openai/gpt-5.1', credentials: 'stored' };
const oneRoute = (target: object, more: object = {}) => ({ 'route.r.json': { targets: [target], ...more } });

describe('the check', () => {
  it('finds nothing in the samples', () => {
    const samples = new Map(readSamples().map(({ key, value }) => [key, value]));
    expect([samples.size > 5, checkPolicies(filesOf(samples))]).toEqual([true, []]);
  });

  it('finds every fault of a file at once, each at its place', () => {
    const text = `{
  // The editor's own.
  "$schema": "./route.schema.json",
  "targets": [
    { "model": "openai/x", "credentials": "stord", "wieght": 3 },
    { "model": "nowhere/x", "credentials": "stored", "when": [{ "field": "headr" }, { "field": "stream" }] },
    { "model": "@cf/a/b", "credentials": "stored", "bogus": 1 },
    { "credentials": "stored", "when": [{ "name": "x-tier" }] },
    { "model": "no-model", "credentials": 7, "weight": -1, "firstByteMs": 1.5 },
  ],
  "gateway": { "cacheTtl": 3, "maxAttempts": 9, "zdr": "yes", "metadata": { "cf.x": "y", "z": [1] }, "cacheKey": "a b" },
  "strategy": "weigthed",
  "description": 3, "allow": ["cf-aig-cache-tl"], "coolDown": []
}`;
    const sources = '"binding", "stored", "unified", "secret", "caller"';
    const fields =
      'header", "metadata", "dialect", "caller", "group", "country", "continent", "colo", "stream", "tools", "images", "bodyBytes", "time';
    expect(said({ 'route.r.jsonc': text })).toEqual([
      `route.r.jsonc:5:43 targets[0].credentials: must be one of ${sources}; did you mean "stored"?`,
      'route.r.jsonc:5:52 targets[0]: "wieght" is unknown here; did you mean "weight"?',
      'route.r.jsonc:6:16 targets[1].model: "nowhere/x" is no direct model name such as openai/gpt-5.1, @cf/... or dynamic/...',
      `route.r.jsonc:6:74 targets[1].when[0].field: must be one of "${fields}"; did you mean "header"?`,
      'route.r.jsonc:6:85 targets[1].when[1].is: is missing: must be true or false',
      'route.r.jsonc:7:42 targets[2].credentials: "stored" does not fit workers-ai: use binding, secret',
      'route.r.jsonc:7:52 targets[2]: "bogus" is unknown here; what can stand here is model, credentials, secret, byokAlias, carrier, weight, when, firstByteMs, idleMs, totalMs, dialect, options',
      'route.r.jsonc:8:5 targets[3].model: is missing: must be text in quotes',
      `route.r.jsonc:8:41 targets[3].when[0].field: is missing: must be one of "${fields}"`,
      'route.r.jsonc:9:16 targets[4].model: "no-model" is no direct model name such as openai/gpt-5.1, @cf/... or dynamic/...',
      `route.r.jsonc:9:43 targets[4].credentials: must be one of ${sources}`,
      'route.r.jsonc:9:56 targets[4].weight: must be at least 0',
      'route.r.jsonc:9:75 targets[4].firstByteMs: must be a whole number',
      'route.r.jsonc:11:16 gateway: "cacheTtl" is unknown here; did you mean "cacheTtlSeconds"?',
      'route.r.jsonc:11:46 gateway.maxAttempts: must be at most 5',
      'route.r.jsonc:11:56 gateway.zdr: must be true or false',
      'route.r.jsonc:11:77 gateway.metadata: "cf.x" cannot stand here: must have the form /^(?!cf\\.)[A-Za-z0-9_.-]{1,64}$/',
      'route.r.jsonc:11:95 gateway.metadata.z: must be text in quotes, or a number, or true or false',
      'route.r.jsonc:11:114 gateway.cacheKey: must be 1 to 200 printable ASCII characters without spaces',
      'route.r.jsonc:12:15 strategy: must be one of "ordered", "weighted"; did you mean "weighted"?',
      'route.r.jsonc:13:18 description: must be text in quotes',
      expect.stringMatching(/^route\.r\.jsonc:13:31 allow\[0\]: must be one of .*did you mean "cf-aig-cache-ttl"\?$/),
      'route.r.jsonc:13:63 coolDown: must be an object in { }',
    ]);
  });

  it.each([
    ['no target', { 'route.r.json': { targets: [] } }, ['route.r.json:1:12 targets: must be at least 1 entries long']],
    ['no object', { 'route.r.json': [] }, ['route.r.json:1:1 : must be an object in { }']],
    ['null', { 'route.r.json': null }, ['route.r.json:1:1 : must be an object in { }']],
    ['no JSON', { 'route.r.json': '{ "targets": ' }, ['route.r.json:1:14 : is not valid JSON here: value expected']],
    [
      'metadata too long',
      oneRoute(good, { gateway: { metadata: { a: 'x'.repeat(300) } } }),
      ['route.r.json:1:91 gateway.metadata.a: must be at most 256 characters long'],
    ],
    [
      'a name twice',
      { 'route.r.json': '{ "targets": [{ "model": "openai/x", "model": "openai/y", "credentials": "stored" }] }' },
      ['route.r.json:1:38 : "model" stands here twice; leave one out'],
    ],
    [
      'a file that is no policy',
      { 'notes.json': {} },
      [
        'notes.json:1:1 : is no policy: files are named route.<name>.json, patterns.json, defaults.json, oidc.json or prices.json (or .jsonc)',
      ],
    ],
    [
      'two files for one key',
      { 'route.r.json': { targets: [good] }, 'route.r.jsonc': { targets: [good] } },
      ['route.r.jsonc:1:1 : is for the same KV key as route.r.json, route:r; leave one of them out'],
    ],
    [
      'a route that no caller can name',
      { 'route.a%2F%2Fb.json': { targets: [good] } },
      [
        'route.a%2F%2Fb.json:1:1 : no caller can name the route "a//b": a name is up to 128 letters, digits and . _ : @ / -, without ".." or "//"',
      ],
    ],
    [
      'faults in defaults',
      {
        'defaults.json': {
          providers: { xai: { credentials: 'stored' }, openai: { credentials: 'binding' } },
          cors: [],
        },
      },
      [
        'defaults.json:1:82 : "cors" is unknown here; did you mean "corsOrigins"?',
        'defaults.json:1:21 providers.xai: is written grok here',
        'defaults.json:1:70 providers.openai.credentials: "binding" does not fit openai: use stored, unified, secret, caller',
      ],
    ],
  ])('finds %s', (_, files, findings) => {
    expect(said(files).toSorted()).toEqual(findings.toSorted());
  });
});

describe('targets', () => {
  it.each([
    [
      'that serve no endpoint',
      oneRoute({ model: 'elevenlabs/x', credentials: 'stored' }),
      ["route.r.json:1:22 targets[0].model: elevenlabs by gateway serves none of the router's endpoints"],
    ],
    [
      'that embed where nothing embeds',
      oneRoute({ ...good, model: 'openai/text-embedding-3-small', carrier: 'rest' }),
      ['? route.r.json:1:22 targets[0].model: looks like an embedding model, and openai by rest has no embeddings'],
    ],
    [
      'that embed beside one that talks',
      { 'route.r.json': { targets: [good, { model: '@cf/baai/bge-m3', credentials: 'binding' }] } },
      [
        '? route.r.json:1:72 targets[1].model: one of this and the targets before it answers embeddings, the other conversations; make two routes of them',
      ],
    ],
    [
      'with a condition on no dialect',
      oneRoute({ ...good, when: [{ field: 'dialect', in: ['chat', 'mesages'] }] }),
      [
        'route.r.json:1:70 targets[0].when[0]: there is no dialect "mesages"; they are chat, messages, responses, embeddings, completions, moderations, images, speech, transcriptions',
      ],
    ],
  ])('%s are found', (_, files, findings) => {
    expect(said(files)).toEqual(findings);
  });

  it.each([
    [{ ...good, when: [{ field: 'dialect', equals: 'embeddings' }] }],
    [{ model: 'openai/{model}', credentials: 'stored' }],
    [{ model: 'dynamic/support', credentials: 'stored' }],
    [{ model: '@cf/baai/bge-m3', credentials: 'binding' }],
    [{ model: 'bedrock/claude', credentials: 'stored' }],
    [{ model: 'custom-ours/x', credentials: 'stored' }],
  ])('that are right are left alone: %j', (target) => {
    expect(said(oneRoute(target))).toEqual([]);
  });
});

describe('patterns', () => {
  const chat = { 'route.chat.json': { targets: [good] } };
  const nowhere = 'leads to no route of this folder and is no direct name such as openai/{model}';
  const claude = { match: 'claude-*', model: 'anthropic/{model}' };
  const x = { match: 'x', model: 'chat' };

  it.each([
    [
      'shadowed by a wider one',
      [claude, { match: 'gpt-*', model: 'openai/{model}' }, { match: 'claude-haiku-*', model: 'chat' }],
      [
        '[2].match: "claude-haiku-*" never gets its turn: "claude-*" at [0] comes first and matches all of it. Move it up, or take it out',
      ],
    ],
    [
      'written twice',
      [x, x],
      ['[1].match: "x" never gets its turn: "x" at [0] comes first and matches all of it. Move it up, or take it out'],
    ],
    [
      'named like a route',
      [{ match: 'chat', model: 'openai/gpt-5.1' }],
      ['[0].match: "chat" never gets its turn: the route of that name comes first. Take one of them out'],
    ],
    ['that lead nowhere', [{ match: 'x-*', model: 'caht' }], [`[0].model: "caht" ${nowhere}`]],
    ['that lead to themselves', [{ match: 'x-*', model: '{model}' }], [`[0].model: "{model}" ${nowhere}`]],
    ['with another placeholder', [{ match: 'x-*', model: 'openai/{n}' }], [`[0].model: "openai/{n}" ${nowhere}`]],
    [
      'that lead to a provider without endpoints',
      [{ match: 'x-*', model: 'fal/{model}' }],
      ['[0].model: "fal/{model}" leads to fal, which serves none of the router\'s endpoints'],
    ],
    [
      'with both faults',
      [{ match: 'chat', model: 'x' }],
      [
        '[0].match: "chat" never gets its turn: the route of that name comes first. Take one of them out',
        `[0].model: "x" ${nowhere}`,
      ],
    ],
  ])('%s are found', (_, patterns, findings) => {
    expect(said({ ...chat, 'patterns.json': patterns }).map(withoutPlace)).toEqual(findings);
  });

  it.each([
    { match: 'my-*', model: 'chat' },
    { match: 'c*t-x', model: 'chat' },
    { match: '@cf/*', model: '{model}' },
    { match: 'cf/*', model: '@{model}' },
    { match: 'llama', model: '@cf/meta/llama-3.1-8b-instruct' },
    { match: '*', model: 'dynamic/support' },
    { match: 'c*', model: '{model}' },
    { match: 'hat', model: 'c{model}' },
  ])('that lead somewhere are left alone: $match to $model', (pattern) => {
    expect(said({ ...chat, 'patterns.json': [pattern] })).toEqual([]);
  });

  it('that lead to a route with faults of its own lead somewhere', () => {
    const findings = said({ 'route.chat.json': {}, 'patterns.json': [{ match: 'my-*', model: 'chat' }] });
    expect(findings).toEqual(['route.chat.json:1:1 targets: is missing: must be a list in [ ]']);
  });

  it('that lead to a direct name lead nowhere where those are switched off', () => {
    const files = { 'defaults.json': { directNames: false }, 'patterns.json': [{ match: 'x', model: 'openai/x' }] };
    expect(said(files).map(withoutPlace)).toEqual([
      '[0].model: "openai/x" is a direct name, and defaults.directNames is false: no request would be served',
    ]);
  });

  it.each([
    ['*', 'a*b', true],
    ['a*', 'a*b', true],
    ['a*b', 'a*', false],
    ['a*b', 'axb', true],
    ['a*b*c', 'ab*c', true],
    ['a*b*c', 'a*c', false],
    ['ab', 'a*', false],
    ['**', '*', true],
    ['*a*', '*a', true],
  ])('%s covers %s: %s', (wide, narrow, covered) => {
    expect(covers(wide, narrow)).toBe(covered);
  });
});
