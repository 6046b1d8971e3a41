import { findProvider, findSlug, providers } from '../core/providers.ts';

/** A direct model name, taken apart and checked: nothing else may reach a URL or a header. */
export interface DirectName {
  /** Canonical spelling, e.g. `google-ai-studio/gemini-3-pro` for `google/gemini-3-pro`. */
  readonly name: string;
  readonly provider: string;
  /** As the provider's own API names it. */
  readonly model: string;
}

// Closed forms (threats.md B1.2): a name that could climb, split or smuggle in a URL or header never matches.
const workersAi = /^@(cf|hf)\/[a-z0-9-]{1,64}\/[A-Za-z0-9._-]{1,128}$/;
const modelForm = /^[A-Za-z0-9@][A-Za-z0-9._:@+-]{0,127}(\/[A-Za-z0-9@][A-Za-z0-9._:@+-]{0,127}){0,4}$/;
const dynamicForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const customForm = /^custom-[a-z0-9][a-z0-9-]{0,62}$/;

/** Reads `@cf/...`, `workers-ai/@cf/...`, `{provider}/{model}`, `dynamic/{route}` or `custom-{slug}/{model}`. */
export function readDirectName(name: string): DirectName | undefined {
  if (name.length > 300 || name.includes('..')) return undefined;
  if (workersAi.test(name)) return { name, provider: 'workers-ai', model: name };
  const slash = name.indexOf('/');
  if (slash < 1) return undefined;
  return readPrefixed(name.slice(0, slash), name.slice(slash + 1));
}

function readPrefixed(prefix: string, model: string): DirectName | undefined {
  if (prefix === 'dynamic') {
    return dynamicForm.test(model)
      ? { name: `dynamic/${model}`, provider: 'dynamic', model: `dynamic/${model}` }
      : undefined;
  }
  const provider = customForm.test(prefix) ? prefix : findSlug(prefix);
  if (provider === undefined) return undefined;
  if (provider === 'workers-ai') return workersAi.test(model) ? { name: model, provider, model } : undefined;
  return modelForm.test(model) ? { name: `${provider}/${model}`, provider, model } : undefined;
}

/** The slug that a path segment names, for requests that come by `/{provider}/...`. */
export function providerOfSegment(segment: string): string | undefined {
  return customForm.test(segment) ? segment : findSlug(segment);
}

/** A route's name, as in KV (`route:<name>`) and in requests. */
export function isRouteName(name: string): boolean {
  return /^[A-Za-z0-9@][A-Za-z0-9._:@/-]{0,127}$/.test(name) && !name.includes('..') && !name.includes('//');
}

/** The name asked for, as messages may show it: cut, and without anything that is not printable. */
export function showName(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

/** The known names nearest to one that is unknown, at most three. */
export function nearestNames(name: string, known: readonly string[]): string[] {
  const asked = name.slice(0, 100).toLowerCase();
  const scored = known.map((candidate) => ({ candidate, score: likeness(asked, candidate.toLowerCase()) }));
  return scored
    .filter(({ score }) => score >= 0.35)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Share of two-letter pieces in common (Dice's coefficient): cheap, and kind to prefixes that were left out. */
function likeness(a: string, b: string): number {
  const left = pairsOf(a);
  const right = pairsOf(b);
  const common = [...left].filter((pair) => right.has(pair)).length;
  return left.size + right.size === 0 ? 0 : (2 * common) / (left.size + right.size);
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(text.length - 1, 0) }, (_, i) => text.slice(i, i + 2)));
}

/** Slugs that can serve at least one dialect, for messages and lists. */
export function servedProviders(): string[] {
  return [...providers.keys()].filter((slug) => Object.keys(findProvider(slug)?.paths ?? {}).length > 0);
}
