import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/core/call.ts';
import { credentialSources } from '../../src/core/target.ts';
import { allowedNames, allowsModel, allowsSource, planFor, refusedSource } from '../../src/policy/grants.ts';
import { rejectionOf } from '../support/failure.ts';
import { policyStore } from '../support/ports.ts';

const caller = (grants: Partial<Caller> = {}): Caller => ({ name: 'ci', kind: 'key', ...grants });
const glm = '@cf/zai-org/glm-4.7-flash';

describe('allowsModel', () => {
  it.each<[string, Partial<Caller>, string, string, 'route' | 'pattern' | 'direct', boolean]>([
    ['no grants', {}, 'chat', 'chat', 'route', true],
    ['no grants, a direct name', {}, glm, glm, 'direct', true],
    ['empty grants', { models: [] }, 'chat', 'chat', 'route', false],
    ['empty routes', { routes: [] }, glm, glm, 'direct', false],
    ['the route', { routes: ['chat'] }, 'chat', 'chat', 'route', true],
    ['the route behind a pattern', { routes: ['chat'] }, 'gpt-5', 'chat', 'pattern', true],
    ['another route', { routes: ['chat'] }, 'embed', 'embed', 'route', false],
    ['a route’s name that is a direct one by now', { routes: [glm] }, glm, glm, 'direct', false],
    ['routes and models', { routes: ['chat'], models: ['@cf/*'] }, glm, glm, 'direct', true],
    ['routes and models, neither', { routes: ['chat'], models: ['@cf/*'] }, 'openai/x', 'openai/x', 'direct', false],
    ['the name itself', { models: ['chat'] }, 'chat', 'chat', 'route', true],
    ['a pattern', { models: ['claude-*'] }, 'claude-x', 'anthropic/claude-x', 'pattern', true],
    ['a name in another case', { models: ['chat'] }, 'Chat', 'Chat', 'route', false],
    ['the canonical name', { models: ['google-ai-studio/*'] }, 'google/g', 'google-ai-studio/g', 'direct', true],
    ['an alias, as asked', { models: ['google/*'] }, 'google/g', 'google-ai-studio/g', 'direct', true],
    ['the provider of the path', { models: ['openai/*'] }, 'gpt-5', 'openai/gpt-5', 'direct', true],
    ['a bare name at any provider', { models: ['gpt-*'] }, 'gpt-5', 'openrouter/gpt-5', 'direct', false],
    ['a name behind which lies another', { models: ['openai/gpt-5'] }, 'fast', 'openai/gpt-5', 'pattern', true],
    ['constructor', { models: ['chat'] }, 'constructor', 'constructor', 'route', false],
  ])('%s', (_what, grants, asked, route, found, allowed) => {
    expect(allowsModel(caller(grants), asked, { route, found })).toBe(allowed);
  });
});

describe('planFor', () => {
  const target = { model: glm, credentials: 'binding' };
  const store = policyStore({
    'route:chat': { targets: [target] },
    'route:secret-chat': { targets: [target] },
    patterns: [{ match: 'claude-*', model: 'chat' }],
  });
  const plan = (model: string, grants: Partial<Caller> = {}) =>
    planFor({ model, endpoint: 'chat', caller: caller(grants) }, store);

  it('is the plan of what the caller may use', async () => {
    await expect(plan('claude-x', { routes: ['chat'] })).resolves.toMatchObject({ route: 'chat', found: 'pattern' });
  });

  it.each<[string, Partial<Caller>, string]>([
    ['chat', { models: ['@cf/*'], routes: ['a', 'b'] }, 'only a, b, @cf/*'],
    ['chat', { models: [] }, 'no model at all'],
    ['chat', { models: ['1', '2', '3', '4', '5', '6', '7'] }, 'only 1, 2, 3, 4, 5 and 2 more'],
    [glm, { routes: ['chat'], models: ['chat'] }, 'only chat'],
  ])('refuses %s to a caller with %j in words', async (model, grants, reason) => {
    await expect(rejectionOf(plan(model, grants))).resolves.toEqual({
      kind: 'model-refused',
      model,
      reason: `the caller "ci" may use ${reason}`,
    });
  });

  it('hints at names that the caller may ask for, and at no other', async () => {
    const nearest = ['secret-chat', 'chat'];
    await expect(rejectionOf(plan('secret-chats'))).resolves.toMatchObject({ nearest });
    await expect(rejectionOf(plan('secret-chats', { routes: ['chat'] }))).resolves.toMatchObject({ nearest: ['chat'] });
  });

  it('passes on what else may be wrong', async () => {
    const broken = policyStore({ 'route:chat': { targets: [] } });
    const planning = planFor({ model: 'chat', endpoint: 'chat', caller: caller({ models: [] }) }, broken);
    await expect(rejectionOf(planning)).resolves.toMatchObject({ kind: 'broken-policy', name: 'route:chat' });
  });
});

describe('allowedNames', () => {
  const names = ['chat', 'embed', glm, '@cf/baai/bge-m3'];

  it.each<[Partial<Caller>, string[]]>([
    [{}, names],
    [{ models: [] }, []],
    [{ routes: ['embed'] }, ['embed']],
    [{ models: ['@cf/*'] }, [glm, '@cf/baai/bge-m3']],
    [{ models: ['@cf/baai/*'], routes: ['chat', 'gone'] }, ['chat', '@cf/baai/bge-m3']],
  ])('of %j', (grants, allowed) => {
    expect(allowedNames(caller(grants), names)).toEqual(allowed);
  });
});

describe('sources', () => {
  it('are all allowed where none are named', () => {
    expect(credentialSources.map((source) => allowsSource(caller(), source))).toEqual(
      credentialSources.map(() => true),
    );
    expect(refusedSource(caller(), { credentials: 'unified' })).toBeUndefined();
  });

  it('are those that are named', () => {
    const one = caller({ sources: ['binding', 'caller'] });
    expect(credentialSources.filter((source) => allowsSource(one, source))).toEqual(['binding', 'caller']);
    expect(refusedSource(one, { credentials: 'binding' })).toBeUndefined();
    expect(refusedSource(one, { credentials: 'stored' })).toBe('the caller "ci" may not use stored credentials');
  });

  it('are none where the list is empty', () => {
    expect(credentialSources.filter((source) => allowsSource(caller({ sources: [] }), source))).toEqual([]);
  });
});
