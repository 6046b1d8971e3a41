import * as z from 'zod/mini';
import { field, isObject } from '../../core/json.ts';
import { checkDefault, checkTarget, type Fault } from '../../policy/check.ts';
import { TargetRow } from '../../policy/schema.ts';
import { findingAt, type Finding } from './finding.ts';
import type { PolicyFile } from './folder.ts';
import { sayIssue, type SaidFault } from './issue.ts';
import { policyKinds, type KindName } from './kinds.ts';

/** Every fault of one policy by itself: as JSON, by its schema, and what does not fit together in it. */
export function faultsOf(file: PolicyFile, kind: KindName): Finding[] {
  const { source } = file;
  const syntax = source.faults.map((fault) => ({ level: 'fault' as const, file: file.path, path: '', ...fault }));
  if (source.value === undefined) return syntax;
  const { schema, jsonSchema } = policyKinds[kind];
  const parsed = z.safeParse(schema, source.value, { reportInput: true });
  if (parsed.success) return syntax;
  const json = jsonSchema();
  const said = [...parsed.error.issues.flatMap((issue) => sayIssue(issue, json)), ...misfitsOf(source.value, kind)];
  return [...syntax, ...distinct(said).map((fault) => findingAt(file, fault))];
}

const { model, credentials, secret, byokAlias, carrier, dialect } = TargetRow.shape;
const SourceFields = z.object({ credentials, secret, byokAlias, carrier });
const FittingFields = z.extend(SourceFields, { model, dialect });

/**
 * What does not fit together, in a value that the schema refuses for another reason: the schema looks at the fit only once
 * all else is right, and an operator wants every fault at once.
 */
function misfitsOf(value: unknown, kind: KindName): SaidFault[] {
  if (kind === 'route') {
    const targets = field(value, 'targets');
    return Array.isArray(targets) ? targets.flatMap((row: unknown, index) => misfitsOfTarget(row, index)) : [];
  }
  const providers = field(value, 'providers');
  if (kind !== 'defaults' || !isObject(providers)) return [];
  return Object.entries(providers).flatMap(([provider, row]) => misfitsOfDefault(provider, row));
}

function misfitsOfTarget(row: unknown, index: number): SaidFault[] {
  const { data } = z.safeParse(FittingFields, row);
  const faults = data === undefined ? modelFaults(row) : checkTarget(data);
  return faults.map(({ field, message }) => ({ path: ['targets', index, field], message }));
}

/** What is wrong with a model name whatever its credentials are. */
function modelFaults(row: unknown): Fault[] {
  const { data } = z.safeParse(model, field(row, 'model'));
  const faults = data === undefined ? [] : checkTarget({ model: data, credentials: 'stored' });
  return faults.filter((fault) => fault.field === 'model');
}

function misfitsOfDefault(provider: string, row: unknown): SaidFault[] {
  const { data } = z.safeParse(SourceFields, row);
  const faults = data === undefined ? [] : checkDefault(provider, data);
  return faults.map(({ field, message }) => ({
    path: ['providers', provider, ...(field === 'model' ? [] : [field])],
    message,
  }));
}

function distinct(faults: readonly SaidFault[]): SaidFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify([fault.path, fault.name, fault.message]), fault])).values()];
}
