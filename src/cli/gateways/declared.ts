import * as z from 'zod/mini';
import { field, isObject } from '../../core/json.ts';
import { lineOf, variableOf, type Environment } from '../config.ts';
import { sayPath, type Finding } from '../policy/finding.ts';
import { sayIssue } from '../policy/issue.ts';
import { GatewayDeclaration } from './schema.ts';

/** What an environment of `wrangler.toml` declares. */
export interface Declared {
  /** Those that are without a fault. */
  readonly gateways: readonly GatewayDeclaration[];
  readonly findings: readonly Finding[];
}

/** Reads the `[[ai.gateway]]` of an environment, with every fault of them. */
export function readDeclared(environment: Environment): Declared {
  const listed = field(field(environment.table, 'ai'), 'gateway');
  if (listed === undefined) return { gateways: [], findings: [] };
  if (!Array.isArray(listed)) {
    const message = 'must be a list: write its head with two brackets';
    return { gateways: [], findings: [findingAt(environment, { index: 0, path: [], message })] };
  }
  const rows = listed.map((value: unknown, index) => readOne(environment, value, index));
  const gateways = rows.flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway]));
  return {
    gateways,
    findings: [
      ...rows.flatMap(({ findings }) => findings),
      ...repeatedIds(environment, listed),
      ...otherGateway(environment, gateways),
    ],
  };
}

function readOne(
  environment: Environment,
  value: unknown,
  index: number,
): { gateway?: GatewayDeclaration; findings: Finding[] } {
  const parsed = z.safeParse(GatewayDeclaration, value, { reportInput: true });
  if (parsed.success) return { gateway: parsed.data, findings: halfLimits(environment, parsed.data, index) };
  const schema = z.toJSONSchema(GatewayDeclaration);
  const said = parsed.error.issues.flatMap((issue) => sayIssue(issue, schema));
  return { findings: said.map((fault) => findingAt(environment, { index, ...fault })) };
}

/** A limit without its interval, or the other way round, limits nothing. */
function halfLimits(environment: Environment, gateway: GatewayDeclaration, index: number): Finding[] {
  const { rate_limiting_interval: interval, rate_limiting_limit: limit } = gateway;
  if ((interval === undefined) === (limit === undefined) && (interval === 0) === (limit === 0)) return [];
  const path = [interval === undefined ? 'rate_limiting_limit' : 'rate_limiting_interval'];
  const message = 'limits only together with rate_limiting_limit and rate_limiting_interval, both above 0';
  return [findingAt(environment, { level: 'warning', index, path, message })];
}

function repeatedIds(environment: Environment, listed: readonly unknown[]): Finding[] {
  const ids = listed.map((one) => (isObject(one) ? one['id'] : undefined));
  return ids.flatMap((id, index) =>
    id === undefined || ids.indexOf(id) === index
      ? []
      : [findingAt(environment, { index, path: ['id'], message: 'stands in an earlier entry too; leave one out' })],
  );
}

/** The router asks the gateway that `AI_GATEWAY_ID` names; what is not declared nobody keeps. */
function otherGateway(environment: Environment, gateways: readonly GatewayDeclaration[]): Finding[] {
  const used = variableOf(environment, 'AI_GATEWAY_ID');
  if (gateways.length === 0 || used === undefined || gateways.some(({ id }) => id === used)) return [];
  const message = `AI_GATEWAY_ID is "${used}", which is not declared; the router asks a gateway that is none of these`;
  return [findingAt(environment, { level: 'warning', index: 0, path: ['id'], message })];
}

interface Found {
  readonly level?: Finding['level'];
  readonly index: number;
  /** Below the entry. */
  readonly path: readonly PropertyKey[];
  /** The property below the path that should not be there. */
  readonly name?: string;
  readonly message: string;
}

function findingAt({ config, path: where }: Environment, found: Found): Finding {
  const { level = 'fault', index, path, name, message } = found;
  const table = [...where, 'ai', 'gateway'].join('.');
  const key = path[0] ?? name;
  const line = lineOf(config, { name: table, index, ...(key !== undefined && { key: String(key) }) });
  return { level, file: config.file, line, column: 1, path: `${table}[${index}]${sayBelow(path)}`, message };
}

function sayBelow(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `.${sayPath(path)}`;
}
