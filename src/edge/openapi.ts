import * as z from 'zod/mini';
import { endpoints, type Endpoint } from '../core/call.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { AdminRoute } from './admin-route.ts';
import { adminRoutes } from './admin-routes.ts';
import * as shapes from './admin-schema.ts';

/** A JSON Schema, draft 2020-12, which is what OpenAPI 3.1 takes. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

export interface Content {
  readonly schema: Schema;
  readonly example?: JsonObject;
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly externalDocs?: { readonly url: string };
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, unknown>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

/** An OpenAPI 3.1 document, as far as it is written here. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<'schemas' | 'responses' | 'securitySchemes', Readonly<Record<string, unknown>>>>;
}

const tags: OpenApi['tags'] = [
  { name: 'Inference', description: 'For callers, by the dialect of their client. With a key of a caller.' },
  { name: 'Callers', description: 'Who may call, what for, how much. With the admin key, as everything below.' },
  { name: 'Keys', description: 'Virtual keys, two a caller, so that one can be exchanged while the other works.' },
  { name: 'Usage and limits', description: 'What was used, and what is left.' },
  { name: 'Routes', description: 'Which models answer. A slash in a name is written %2F in the path.' },
];

/** Everything that the router serves, as an OpenAPI 3.1 document. Made of the tables that requests are served by. */
export function openApi(origin: string): OpenApi {
  const paths: Record<string, Record<string, Operation>> = {};
  const rows = [...inferencePaths(), ...adminRoutes.map((route) => [route, adminOperation(route)] as const)];
  for (const [{ path, method }, operation] of rows) (paths[path] ??= {})[method.toLowerCase()] = operation;
  return {
    openapi: '3.1.0',
    info: {
      title: 'ai-edge-router',
      version: '1',
      description: 'One base URL and one key in front of Cloudflare AI Gateway, and the plane that administers it.',
    },
    servers: [{ url: origin }],
    tags,
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(shapes).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
      responses: { Error: errorResponse },
      securitySchemes: {
        routerKey: { type: 'http', scheme: 'bearer', description: 'ROUTER_KEY or a virtual key' },
        adminKey: { type: 'http', scheme: 'bearer', description: 'ADMIN_KEY' },
      },
    },
  };
}

const errorRef = { $ref: '#/components/responses/Error' };

const errorResponse = {
  description: "The error, in OpenAI's shape",
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          error: {
            type: 'object',
            properties: {
              message: { type: 'string' },
              type: { type: 'string' },
              code: { type: 'string' },
              param: { type: ['string', 'null'] },
            },
          },
        },
      },
    },
  },
};

function adminOperation(route: AdminRoute): Operation {
  const { body, status = 200 } = route;
  const parameters = parametersOf(route);
  const ok = {
    'application/json': { schema: refOf(route.output) },
    ...(route.csv !== undefined && { 'text/csv': { schema: { type: 'string' } } }),
  };
  return {
    operationId: route.id,
    tags: [route.group],
    summary: route.summary,
    ...(route.details !== undefined && { description: route.details }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: !z.safeParse(body.schema, {}).success,
        content: { 'application/json': { schema: refOf(body.schema), example: body.example } },
      },
    }),
    responses: { [String(status)]: { description: 'Done', content: ok }, default: errorRef },
    security: [{ adminKey: [] }],
  };
}

function parametersOf({ path, query = {} }: AdminRoute): Parameter[] {
  const names = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }) as const),
    ...Object.entries(query).map(
      ([name, { schema, says }]) =>
        ({ name, in: 'query', required: false, description: says, schema: jsonSchemaOf(schema) }) as const,
    ),
  ];
}

/** A shape that has a name is said by it. */
function refOf(schema: z.core.$ZodType): Schema {
  const [name] = Object.entries(shapes).find(([, shape]) => shape === schema) ?? [];
  return name === undefined ? jsonSchemaOf(schema) : { $ref: `#/components/schemas/${name}` };
}

function jsonSchemaOf(schema: z.core.$ZodType): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // What is `readonly` in our types is not read-only to whoever writes it.
      delete jsonSchema.readOnly;
    },
  });
  return rest;
}

/** The inference endpoints in short: their bodies are the vendors' to describe. */
const inferenceWords: Readonly<Record<Endpoint, { readonly summary: string; readonly url: string }>> = {
  chat: { summary: 'OpenAI Chat Completions', url: 'https://platform.openai.com/docs/api-reference/chat' },
  messages: { summary: 'Anthropic Messages', url: 'https://docs.anthropic.com/en/api/messages' },
  'count-tokens': {
    summary: 'Anthropic token counting',
    url: 'https://docs.anthropic.com/en/api/messages-count-tokens',
  },
  responses: { summary: 'OpenAI Responses', url: 'https://platform.openai.com/docs/api-reference/responses' },
  embeddings: { summary: 'OpenAI Embeddings', url: 'https://platform.openai.com/docs/api-reference/embeddings' },
  completions: {
    summary: 'OpenAI legacy completions',
    url: 'https://platform.openai.com/docs/api-reference/completions',
  },
  moderations: { summary: 'OpenAI moderations', url: 'https://platform.openai.com/docs/api-reference/moderations' },
  images: { summary: 'OpenAI image generation', url: 'https://platform.openai.com/docs/api-reference/images' },
  speech: { summary: 'OpenAI speech', url: 'https://platform.openai.com/docs/api-reference/audio' },
  transcriptions: { summary: 'OpenAI transcriptions', url: 'https://platform.openai.com/docs/api-reference/audio' },
};

const inferenceBody: Schema = { type: 'object', properties: { model: { type: 'string' } }, required: ['model'] };

type Row = readonly [place: { readonly path: string; readonly method: string }, operation: Operation];

function inferencePaths(): Row[] {
  // The table's keys are endpoints by its type; `Object.entries` forgets it.
  const rows = Object.entries(endpoints) as [Endpoint, (typeof endpoints)[Endpoint]][];
  const answering = rows.map(([endpoint, { path }]): Row => {
    const { summary, url } = inferenceWords[endpoint];
    const content = { 'application/json': { schema: inferenceBody } };
    return [
      { path, method: 'POST' },
      {
        ...inference(endpoint, summary),
        description: 'The body is as the vendor describes it. POST /explain/... tells what would happen to it.',
        externalDocs: { url },
        requestBody: { required: true, content },
      },
    ];
  });
  return [...answering, [{ path: '/v1/models', method: 'GET' }, inference('models', 'List the models')]];
}

function inference(operationId: string, summary: string): Operation {
  return {
    operationId,
    tags: ['Inference'],
    summary,
    responses: { '200': { description: 'The answer' }, default: errorRef },
    security: [{ routerKey: [] }],
  };
}

/** Follows a reference to a named shape; anything else is given back. */
export function resolveSchema({ components }: OpenApi, schema: Schema): Schema {
  const { $ref: ref } = schema;
  const name = typeof ref === 'string' ? ref.slice('#/components/schemas/'.length) : '';
  const found = Object.hasOwn(components.schemas, name) ? components.schemas[name] : undefined;
  return isObject(found) ? found : schema;
}
