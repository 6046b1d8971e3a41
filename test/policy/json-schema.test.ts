import { describe, expect, it } from 'vitest';
import { defaultsJsonSchema, patternsJsonSchema, routeJsonSchema } from '../../src/policy/json-schema.ts';
import { callerOptions } from '../../src/core/gateway.ts';
import { RoutePolicy } from '../../src/policy/schema.ts';

describe('routeJsonSchema', () => {
  const schema = routeJsonSchema();

  it('has every field of a route, and the editor’s own', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['targets'],
      additionalProperties: false,
    });
    expect(Object.keys(schema['properties'] ?? {})).toEqual(['$schema', ...Object.keys(RoutePolicy.shape)]);
  });

  it('says what a field may hold', () => {
    expect(schema).toMatchObject({
      properties: {
        targets: {
          minItems: 1,
          maxItems: 6,
          items: { required: ['model', 'credentials'], properties: { weight: { minimum: 0, maximum: 10_000 } } },
        },
        gateway: { properties: { cacheTtlSeconds: { type: 'integer', minimum: 60 } }, additionalProperties: false },
        allow: { items: { enum: [...callerOptions] } },
      },
    });
  });

  it('calls nothing read-only', () => {
    expect(JSON.stringify([schema, patternsJsonSchema(), defaultsJsonSchema()])).not.toContain('readOnly');
  });
});

it('the other policies have their schemas too', () => {
  expect([patternsJsonSchema(), defaultsJsonSchema()]).toMatchObject([
    { type: 'array', maxItems: 200, items: { required: ['match', 'model'] } },
    { type: 'object', properties: { directNames: { type: 'boolean' } } },
  ]);
});
