import * as z from 'zod/mini';
import { OidcPolicy } from './oidc-schema.ts';
import { PriceOverrides } from './prices.ts';
import { Defaults, Patterns, RoutePolicy } from './schema.ts';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of one route, for editors: served at `/schema/route.json`, printed by `router policy schema`. It says what
 * each field may hold; what fits together (credentials and provider, ...) only the check can say.
 */
export function routeJsonSchema(): JsonSchema {
  return policySchema(RoutePolicy, 'A route of ai-edge-router, KV key route:<name>');
}

/** The JSON Schema of the KV value `patterns`. */
export function patternsJsonSchema(): JsonSchema {
  return policySchema(Patterns, 'Name patterns of ai-edge-router, KV key patterns');
}

/** The JSON Schema of the KV value `defaults`. */
export function defaultsJsonSchema(): JsonSchema {
  return policySchema(Defaults, 'Defaults of ai-edge-router, KV key defaults');
}

/** The JSON Schema of the KV value `oidc`. */
export function oidcJsonSchema(): JsonSchema {
  return policySchema(OidcPolicy, 'Token issuers of ai-edge-router, KV key oidc');
}

/** The JSON Schema of the KV value `prices`. */
export function pricesJsonSchema(): JsonSchema {
  return policySchema(PriceOverrides, 'Prices of ai-edge-router, KV key prices');
}

function policySchema(schema: z.core.$ZodType, title: string): JsonSchema {
  const { $schema, properties, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // What is `readonly` in our types is not read-only to whoever writes the file.
      delete jsonSchema.readOnly;
    },
  });
  return {
    $schema,
    title,
    // A file may name its schema for the editor; the command line leaves that out of what it saves.
    ...(properties !== undefined && { properties: { $schema: { type: 'string' }, ...properties } }),
    ...rest,
  };
}
