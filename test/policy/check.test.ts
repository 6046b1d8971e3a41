import { describe, expect, it } from 'vitest';
import { providers } from '../../src/core/providers.ts';
import { credentialSources, type Carrier } from '../../src/core/target.ts';
import { carrierOf, checkDefault, checkTarget, type TargetFields } from '../../src/policy/check.ts';
import { combinationOf, fittingCombinations, modelOf, nameOf } from '../support/combinations.ts';

const carriers: readonly (Carrier | undefined)[] = [undefined, 'binding', 'gateway', 'compat', 'rest'];
const slugs = [...providers.keys(), 'dynamic', 'custom-acme'];
const everything = slugs.flatMap((provider) =>
  credentialSources.flatMap((credentials) => carriers.map((carrier) => combinationOf(provider, credentials, carrier))),
);
const fittingNames = new Set(fittingCombinations.map(nameOf));

describe('checkTarget', () => {
  it.each(fittingCombinations.map((row) => [nameOf(row), row] as const))('lets %s through', (_name, row) => {
    expect(checkTarget({ ...row, model: modelOf(row.provider) })).toEqual([]);
  });

  it('refuses every other combination of provider, credential source and carrier', () => {
    const others = everything.filter((row) => !fittingNames.has(nameOf(row)));
    const letThrough = others.filter((row) => checkTarget({ ...row, model: modelOf(row.provider) }).length === 0);
    expect(letThrough.map(nameOf)).toEqual([]);
    expect(others.length + fittingCombinations.length).toBe(slugs.length * 5 * 5);
  });

  it.each<[TargetFields, string, string]>([
    [
      { model: 'gpt-5.1', credentials: 'stored' },
      'model',
      '"gpt-5.1" is no direct model name such as openai/gpt-5.1, @cf/... or dynamic/...',
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'binding' },
      'credentials',
      '"binding" does not fit openai: use stored, unified, secret, caller',
    ],
    [
      { model: '@cf/meta/llama', credentials: 'stored' },
      'credentials',
      '"stored" does not fit workers-ai: use binding, secret',
    ],
    [
      { model: 'mistral/large', credentials: 'unified' },
      'credentials',
      '"unified" does not fit mistral: use stored, secret, caller',
    ],
    [
      { model: 'dynamic/x', credentials: 'caller' },
      'credentials',
      '"caller" does not fit dynamic: use stored, unified',
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'secret' },
      'secret',
      'is needed with credentials "secret": the name of the Worker secret',
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'stored', secret: 'OPENAI_API_KEY' },
      'secret',
      'is not used with credentials "stored"',
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN' },
      'secret',
      'CLOUDFLARE_API_TOKEN is for Workers AI, and Workers AI takes no other secret',
    ],
    [
      { model: '@cf/meta/llama', credentials: 'secret', secret: 'OPENAI_API_KEY' },
      'secret',
      'CLOUDFLARE_API_TOKEN is for Workers AI, and Workers AI takes no other secret',
    ],
    [
      { model: 'custom-acme/x', credentials: 'secret', secret: 'CLOUDFLARE_API_TOKEN' },
      'secret',
      'CLOUDFLARE_API_TOKEN is for Workers AI, and Workers AI takes no other secret',
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'unified', byokAlias: 'team' },
      'byokAlias',
      'is only used with credentials "stored"',
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'stored', byokAlias: 'team', carrier: 'rest' },
      'carrier',
      'the REST API reads only the stored key with the alias "default"',
    ],
    [
      { model: 'mistral/large', credentials: 'stored', carrier: 'rest' },
      'carrier',
      "mistral is not offered on Cloudflare's REST API",
    ],
    [
      { model: 'openai/gpt-5.1', credentials: 'caller', carrier: 'rest' },
      'carrier',
      'on the REST API Workers AI takes credentials "secret" (CLOUDFLARE_API_TOKEN), others "stored" or "unified"',
    ],
    [
      { model: 'cohere/command', credentials: 'stored', carrier: 'gateway' },
      'carrier',
      'cohere is reached by "compat" for chat',
    ],
    [
      { model: 'openrouter/x', credentials: 'stored', carrier: 'compat' },
      'carrier',
      'openrouter is not offered on the compat route',
    ],
    [
      { model: 'dynamic/x', credentials: 'stored', carrier: 'rest' },
      'carrier',
      'a dynamic route is reached by "compat" only',
    ],
    [
      { model: '@cf/meta/llama', credentials: 'binding', carrier: 'gateway' },
      'carrier',
      'the carrier "binding" and the credentials "binding" go together',
    ],
    [
      { model: 'anthropic/claude', credentials: 'stored', dialect: 'chat' },
      'dialect',
      'anthropic does not speak "chat" by gateway',
    ],
    [
      { model: 'anthropic/claude', credentials: 'stored', carrier: 'compat', dialect: 'messages' },
      'dialect',
      'anthropic does not speak "messages" by compat',
    ],
    [
      { model: '@cf/meta/llama', credentials: 'binding', dialect: 'messages' },
      'dialect',
      'workers-ai does not speak "messages" by binding',
    ],
  ])('says of %j what does not fit', (row, field, message) => {
    expect(checkTarget(row)).toEqual([{ field, message }]);
  });

  it.each<TargetFields>([
    { model: 'openai/gpt-5.1', credentials: 'stored', byokAlias: 'team' },
    { model: 'openai/gpt-5.1', credentials: 'stored', dialect: 'responses' },
    { model: 'anthropic/claude', credentials: 'stored', carrier: 'compat', dialect: 'chat' },
    { model: 'anthropic/claude', credentials: 'unified', carrier: 'rest', dialect: 'responses' },
  ])('lets %j through', (row) => {
    expect(checkTarget(row)).toEqual([]);
  });

  it('says everything that does not fit at once', () => {
    const row: TargetFields = { model: 'mistral/large', credentials: 'unified', secret: 'X_API_KEY', carrier: 'rest' };
    expect(checkTarget(row).map(({ field }) => field)).toEqual(['credentials', 'secret', 'carrier']);
  });
});

describe('checkDefault', () => {
  it.each(fittingCombinations.map((row) => [nameOf(row), row] as const))('lets %s through', (_name, row) => {
    const { provider, ...fields } = row;
    expect(checkDefault(provider, fields)).toEqual([]);
  });

  it.each([
    ['google', { credentials: 'stored' }, 'model', 'is written google-ai-studio here'],
    ['nobody', { credentials: 'stored' }, 'model', 'is no provider that this router knows'],
    ['constructor', { credentials: 'stored' }, 'model', 'is no provider that this router knows'],
    [
      'openai',
      { credentials: 'secret' },
      'secret',
      'is needed with credentials "secret": the name of the Worker secret',
    ],
  ] as const)('says of a row for %s what is wrong', (provider, row, field, message) => {
    expect(checkDefault(provider, row)).toEqual([{ field, message }]);
  });
});

describe('carrierOf', () => {
  it.each([
    ['workers-ai', 'binding', 'binding'],
    ['workers-ai', 'secret', 'gateway'],
    ['openai', 'stored', 'gateway'],
    ['cohere', 'stored', 'compat'],
    ['dynamic', 'stored', 'compat'],
    ['custom-acme', 'secret', 'gateway'],
  ] as const)('reaches %s with %s by %s', (provider, credentials, carrier) => {
    expect(carrierOf(provider, credentials)).toBe(carrier);
  });
});
