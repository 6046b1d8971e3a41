import * as z from 'zod/mini';
import { RoutePolicy } from './schema.ts';

/** The JSON Schema of one route, for editors: served at `/schema/route.json` and printed by `router policy schema`. */
export function routeJsonSchema(): object {
  return z.toJSONSchema(RoutePolicy, { io: 'input' });
}
