import * as z from 'zod/mini';

const Text = z.string().check(z.minLength(1));

/** A header's value as it stands, or the variable of the operator's shell that holds it: the files are committed. */
const HeaderValue = z.union([Text, z.strictObject({ env: Text })]);

const HttpsUrl = z.string().check(
  z.refine((text) => {
    const url = URL.parse(text);
    return url?.protocol === 'https:' && url.username === '' && url.search === '' && url.hash === '';
  }, 'must be an address that begins with https://, without a password or "?"'),
);

/** What stands behind `custom-` in addresses and model names. Which letters Cloudflare takes is not documented (uncertain). */
export const ProviderSlug = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and -, the first a letter or digit'));

/** One file `custom-providers/<slug>.json`: the names of the management API (contract sheet 1.4). */
export const ProviderFile = z.strictObject({
  /** In place of the file's own name. */
  slug: z.optional(ProviderSlug),
  name: Text,
  /** The root of the provider: what a caller writes behind `custom-<slug>/` is put after it. */
  base_url: HttpsUrl,
  beta: z.optional(z.boolean()),
  enable: z.optional(z.boolean()),
  description: z.optional(z.string()),
  link: z.optional(z.string()),
  /** Headers that AI Gateway sends to the provider with every request. */
  headers: z.optional(
    z.record(z.string().check(z.regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header')), HeaderValue),
  ),
  curl_example: z.optional(z.string()),
  js_example: z.optional(z.string()),
  position: z.optional(z.number()),
});
export type ProviderFile = z.infer<typeof ProviderFile>;

/** A custom provider as the account has it. */
export const AccountProvider = z.looseObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  base_url: z.string(),
  modified_at: z.optional(z.string()),
});
export type AccountProvider = z.infer<typeof AccountProvider>;

/** What POST takes, in the order in which it is shown. */
export const providerSettings = [
  'name',
  'slug',
  'base_url',
  'enable',
  'beta',
  'description',
  'link',
  'headers',
  'curl_example',
  'js_example',
  'position',
] as const;
