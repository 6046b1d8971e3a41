import * as z from 'zod/mini';
import { field, parseJson } from '../../core/json.ts';

const Text = z.string().check(z.minLength(1));
const Way = z.strictObject({ elementId: Text });
const Both = z.strictObject({ success: Way, fallback: Way });
const Share = z.string().check(z.regex(/^\d{1,3}%$/, 'must be a share such as "10%"'));

/**
 * One element of a dynamic route (contract sheet 1.7). Both ways out of `rate` and `model` are wanted, as the API's types have
 * it; its documents call `fallback` optional.
 */
export const RouteElement = z.discriminatedUnion('type', [
  z.strictObject({ id: Text, type: z.literal('start'), outputs: z.strictObject({ next: Way }) }),
  z.strictObject({
    id: Text,
    type: z.literal('conditional'),
    /** Such as `{ "metadata.plan": { "$eq": "free" } }`. */
    properties: z.strictObject({ conditions: z.record(Text, z.unknown()) }),
    outputs: z.strictObject({ true: Way, false: Way }),
  }),
  z.strictObject({ id: Text, type: z.literal('percentage'), outputs: z.record(Share, Way) }),
  z.strictObject({
    id: Text,
    type: z.literal('rate'),
    properties: z.strictObject({
      limitType: z.enum(['count', 'cost']),
      /** Such as `metadata.user_id`. */
      key: Text,
      limit: z.number().check(z.gt(0)),
      /** Seconds. */
      window: z.number().check(z.gt(0)),
    }),
    outputs: Both,
  }),
  z.strictObject({
    id: Text,
    type: z.literal('model'),
    properties: z.strictObject({
      provider: Text,
      model: Text,
      /** Milliseconds. */
      timeout: z.int().check(z.gt(0)),
      retries: z.int().check(z.gte(0)),
    }),
    outputs: Both,
  }),
  z.strictObject({ id: Text, type: z.literal('end'), outputs: z.strictObject({}) }),
]);
export type RouteElement = z.infer<typeof RouteElement>;

/** What a caller writes behind `dynamic/`. Which letters Cloudflare takes is not documented (uncertain). */
export const RouteName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 of letters, digits, - and _'));

/** One file `dynamic-routes/<name>.json`. */
export const RouteFile = z.strictObject({
  /** In place of the file's own name. */
  name: z.optional(RouteName),
  elements: z.array(RouteElement).check(z.minLength(2)),
});
export type RouteFile = z.infer<typeof RouteFile>;

/** Elements as the account has them: the dashboard keeps more beside what we know. */
const Elements = z.array(z.looseObject({ id: z.string() }));
type Elements = z.infer<typeof Elements>;

/**
 * A version of a route. Its elements stand beside it, as the API's types have it, or as text in `data`, as was seen live
 * (contract sheet 1.7).
 */
export const AccountVersion = z.pipe(
  z.object({ elements: z.optional(Elements), data: z.optional(z.string()) }),
  z.transform(({ elements, data }) => ({ elements: elements ?? elementsIn(data) })),
);

/** A dynamic route as the account has it. */
export const AccountRoute = z.pipe(
  z.object({
    id: z.string(),
    name: z.string(),
    modified_at: z.optional(z.string()),
    elements: z.optional(Elements),
    deployment: z.nullish(z.object({ version_id: z.string() })),
    version: z.nullish(z.object({ version_id: z.string(), data: z.optional(z.string()) })),
  }),
  z.transform(({ elements, ...route }) => ({ ...route, elements: elements ?? elementsIn(route.version?.data) })),
);
export type AccountRoute = z.infer<typeof AccountRoute>;

function elementsIn(data: string | undefined): Elements {
  const value = data === undefined ? undefined : parseJson(data);
  return z.safeParse(Elements, field(value, 'elements') ?? value).data ?? [];
}
