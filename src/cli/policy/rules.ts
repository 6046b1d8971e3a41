import { isRouteName } from '../../policy/names.ts';
import { faultsOf } from './faults.ts';
import { findingAt, type Finding } from './finding.ts';
import type { PolicyFile } from './folder.ts';
import { keyOf, type PolicyKey } from './kinds.ts';
import { checkPatterns } from './patterns.ts';
import { readPolicies } from './policies.ts';
import { checkTargets } from './targets.ts';

/** Everything that can be found in policies without asking anyone, in the order of files and lines. */
export function checkPolicies(files: readonly PolicyFile[]): Finding[] {
  const policies = readPolicies(files);
  const findings = [
    ...files.flatMap((file, index) => checkFile(file, files.slice(0, index))),
    ...checkPatterns(policies),
    ...checkTargets(policies),
  ];
  return findings.toSorted(inOrder);
}

function checkFile(file: PolicyFile, earlier: readonly PolicyFile[]): Finding[] {
  const { key } = file;
  if (key === undefined) {
    const message =
      'is no policy: files are named route.<name>.json, patterns.json, defaults.json, oidc.json or prices.json (or .jsonc)';
    return [findingAt(file, { path: [], message })];
  }
  const twin = earlier.find((other) => other.key !== undefined && keyOf(other.key) === keyOf(key));
  const messages = [
    ...(twin === undefined ? [] : [`is for the same KV key as ${twin.path}, ${keyOf(key)}; leave one of them out`]),
    ...nameFaults(key),
  ];
  return [...messages.map((message) => findingAt(file, { path: [], message })), ...faultsOf(file, key.kind)];
}

/** A route is found by the name that a request asks for, and a request can only ask for names of a closed form. */
function nameFaults({ kind, name }: PolicyKey): string[] {
  if (kind !== 'route' || isRouteName(name)) return [];
  return [
    `no caller can name the route "${name}": a name is up to 128 letters, digits and . _ : @ / -, without ".." or "//"`,
  ];
}

function inOrder(a: Finding, b: Finding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
