import * as z from 'zod/mini';
import { CallerName } from './caller-schema.ts';
import { text } from './field.ts';

/** Signature algorithms that a row may name: public keys only, so that no public key can serve as a shared secret. */
export const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
export type Algorithm = (typeof algorithms)[number];

const HttpsUrl = text(
  /^https:\/\/([a-z0-9-]+\.)+[a-z]{2,63}(:\d{1,5})?(\/[A-Za-z0-9._~/-]*)?$/,
  'must be an https address with a host name, without query or fragment',
).check(z.maxLength(300));

const ClaimTest = z.string().check(z.minLength(1), z.maxLength(300));
const ClaimTests = z.union([ClaimTest, z.readonly(z.array(ClaimTest).check(z.minLength(1), z.maxLength(50)))]);

/**
 * Issuers that sign tokens for the whole world, and the claims that say whose token it is. A row that pins none of them
 * would let everyone in. GitHub's `job_workflow_ref` is not one: anybody may call a public reusable workflow.
 */
const ownerClaims: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'https://token.actions.githubusercontent.com',
    ['repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'sub'],
  ],
  ['https://gitlab.com', ['project_path', 'project_id', 'namespace_path', 'namespace_id', 'sub']],
  ['https://accounts.google.com', ['sub', 'email', 'hd']],
]);

/** Whose tokens open the router, and as which caller. */
const IssuerRow = z
  .strictObject({
    /** Exactly the token's `iss`. */
    issuer: HttpsUrl,
    /** Must be among the token's `aud`. */
    audience: z.string().check(z.minLength(1), z.maxLength(300)),
    /** Where the issuer's keys are. Absent: where its `/.well-known/openid-configuration` says, on the same host. */
    jwksUrl: z.exactOptional(HttpsUrl),
    algorithms: z.readonly(z.array(z.enum(algorithms)).check(z.minLength(1), z.maxLength(algorithms.length))),
    /** All must fit: a text, with `*` for anything, or a list of which one does. */
    claims: z
      .record(text(/^[A-Za-z][A-Za-z0-9_.:/-]{0,127}$/), ClaimTests)
      .check(z.refine((claims) => Object.keys(claims).length > 0, 'must name a claim: whose tokens are let in?')),
    caller: CallerName,
  })
  .check(
    z.superRefine((row, context) => {
      const owners = ownerClaims.get(row.issuer);
      if (owners === undefined || owners.some((claim) => pins(testsOf(row.claims, claim)))) return;
      context.addIssue({
        code: 'custom',
        path: ['claims'],
        message: `must pin one of ${owners.join(', ')}, with * only after the owner's slash: this issuer signs for everyone`,
      });
    }),
  );
export type IssuerRow = z.infer<typeof IssuerRow>;

/** The KV value `oidc`: the first row that fits a token names its caller. */
export const OidcPolicy = z.readonly(z.array(IssuerRow).check(z.maxLength(50)));
export type OidcPolicy = z.infer<typeof OidcPolicy>;

/** The texts of which a claim must fit one; none where the row does not name it. */
export function testsOf(claims: IssuerRow['claims'], claim: string): readonly string[] {
  const tests = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (tests === undefined) return [];
  return typeof tests === 'string' ? [tests] : tests;
}

/** `acme/*` belongs to acme, `acme*` also to `acme-evil`. */
function pins(tests: readonly string[]): boolean {
  return tests.length > 0 && tests.every((test) => !test.includes('*') || /^[^*]*[^*/]\/[^*]*\*/.test(test));
}
