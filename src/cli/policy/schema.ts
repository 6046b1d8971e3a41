import { asJson } from '../../core/json.ts';
import type { Asked } from '../asked.ts';
import type { Command, Outcome } from '../command.ts';
import { Stop } from '../stop.ts';
import { nearestWord } from '../nearest.ts';
import { policyKinds } from './kinds.ts';

/** `policy schema`. */
export const schemaCommand: Command = {
  name: 'policy schema',
  summary: 'Print the JSON Schema of a policy, for editors',
  details: [
    "Of a route, or of what is named: route, patterns, defaults. A running router serves a route's at /schema/route.json.",
    'Save it as policies/route.schema.json and begin a route with "$schema": "./route.schema.json": a push leaves that out.',
  ],
  operands: ['[kind]'],
  options: {},
  json: ['kind, schema: the JSON Schema'],
  examples: ['--silent policy schema > policies/route.schema.json'],
  run: async (asked) => printSchema(asked),
};

function printSchema({ operands }: Asked): Outcome {
  const name = operands[0] ?? 'route';
  const known = Object.entries(policyKinds);
  const kind = known.find(([key]) => key === name)?.[1];
  if (kind === undefined) {
    const names = known.map(([key]) => key);
    const near = nearestWord(name, names);
    const hint = near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`;
    throw new Stop(2, `Cannot print a schema: there is no kind of policy "${name}". ${hint}`);
  }
  const schema = kind.jsonSchema();
  return { exitCode: 0, json: { kind: name, schema: asJson(schema) }, text: JSON.stringify(schema, null, 2) };
}
