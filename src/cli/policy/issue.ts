import type * as z from 'zod/mini';
import { field } from '../../core/json.ts';
import type { JsonSchema } from '../../policy/json-schema.ts';
import { nearestWord } from '../nearest.ts';
import { knownNames } from './known.ts';

/** One fault of a value, in plain words. */
export interface SaidFault {
  readonly path: readonly PropertyKey[];
  /** The property in the object under `path` that should not be there. */
  readonly name?: string;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** What the schema found wrong, in plain words. One issue may name several properties. The parse must report its input. */
export function sayIssue(issue: Issue, schema: JsonSchema): SaidFault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      path: issue.path,
      name,
      message: unknownName(name, knownNames(schema, issue.path)),
    }));
  if (issue.code === 'invalid_key') {
    const why = issue.issues.map(sayOne).join('; ');
    return [
      {
        path: issue.path.slice(0, -1),
        name: String(issue.path.at(-1)),
        message: `"${String(issue.path.at(-1))}" cannot stand here: ${why}`,
      },
    ];
  }
  return [
    {
      path: issue.path,
      message: isMissing(issue) ? `is missing: ${sayOne(issue)}` : sayOne(issue),
    },
  ];
}

/** Nothing stands where something is needed. */
function isMissing(issue: Issue): boolean {
  const { code, input } = issue;
  if (code === 'invalid_union' && issue.discriminator !== undefined)
    return field(input, issue.discriminator) === undefined;
  return input === undefined && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union');
}

function unknownName(name: string, known: readonly string[]): string {
  const near = nearestWord(name, known);
  const hint = near === undefined ? `what can stand here is ${known.join(', ')}` : `did you mean "${near}"?`;
  return `"${name}" is unknown here; ${hint}`;
}

function sayOne(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames.get(issue.expected) ?? issue.expected}`;
    case 'invalid_value':
      return sayChoice(issue.values, issue.input);
    case 'too_big':
      return `must be at most ${Number(issue.maximum)}${units.get(issue.origin) ?? ''}`;
    case 'too_small':
      return `must be ${issue.inclusive === false ? 'above' : 'at least'} ${Number(issue.minimum)}${units.get(issue.origin) ?? ''}`;
    case 'invalid_union':
      return sayUnion(issue);
    case 'invalid_format':
      // Messages of our own begin with "must"; the schema's default one only has the pattern.
      return issue.message.startsWith('must') ? issue.message : `must have the form ${issue.pattern ?? issue.format}`;
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'custom':
      return issue.message;
  }
}

const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'text in quotes'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list in [ ]'],
  ['object', 'an object in { }'],
  ['record', 'an object in { }'],
]);

const units: ReadonlyMap<string, string> = new Map([
  ['string', ' characters long'],
  ['array', ' entries long'],
]);

function sayChoice(values: readonly unknown[], input: unknown): string {
  const known = values.map(String);
  const near = typeof input === 'string' ? nearestWord(input, known) : undefined;
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  const must = known.length === 1 ? `must be ${list}` : `must be one of ${list}`;
  return near === undefined ? must : `${must}; did you mean "${near}"?`;
}

function sayUnion(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if ('options' in issue && issue.options !== undefined) {
    // zod reports the whole object as the input of its discriminator.
    return sayChoice(issue.options, field(issue.input, issue.discriminator ?? ''));
  }
  const issues = issue.errors.flat();
  // A branch that fits by type is the one that was meant.
  const meant = issues.find(({ code }) => code !== 'invalid_type');
  if (meant !== undefined) return sayOne(meant);
  const types = issues.map((one) => sayOne(one).replace(/^must be /, ''));
  return `must be ${types.join(', or ')}`;
}
