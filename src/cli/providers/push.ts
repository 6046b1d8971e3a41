import { accountOptions, openAccount, type Account } from '../account.ts';
import type { Asked } from '../asked.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { holdsMasked } from '../hide.ts';
import { requireNoFault } from '../declaration.ts';
import { findingsShape } from '../policy/finding.ts';
import { changesJson, changesShape, countChanges, sayChanges } from '../policy/show.ts';
import { Stop } from '../stop.ts';
import { plainText } from '../table.ts';
import { createProvider, deleteProvider, findProvider, listProviders } from './api.ts';
import { providerChanges, type ProviderChange } from './changes.ts';
import { providersFolderOption, readProviders, type ProviderFolder } from './folder.ts';
import type { AccountProvider } from './schema.ts';

/** `providers push`. */
export const providersPushCommand: Command = {
  name: 'providers push',
  summary: 'Make the custom providers of the account what their files say',
  details: [
    'One file a provider: custom-providers/<slug>.json with "name", "base_url" and what else the API has. A header whose value',
    'is a secret is written { "env": "NAME" } and taken from the shell. Cloudflare knows no change of a provider: it is deleted',
    'and made anew, which takes its prices away, and for a moment nobody reaches it. One without a file is left alone.',
  ],
  operands: ['[slug]'],
  options: { ...accountOptions, ...providersFolderOption, yes: { says: 'without asking' } },
  json: ['account, pushed: [slug], undeclared: [slug]; headers are hidden', changesShape, findingsShape],
  examples: ['providers push', 'providers push local --env staging', 'providers push --remote --yes --json'],
  run: push,
};

async function push(asked: Asked, desk: Desk): Promise<Outcome> {
  const { folder, providers, findings } = requireProviders(asked, desk);
  const account = await openAccount(asked, desk);
  desk.progress(`Reading the custom providers of the ${account.name} ...`);
  const listed = await listProviders(account);
  const slugs = new Set(providers.map(({ slug }) => slug));
  const undeclared = asked.operands.length > 0 ? [] : listed.map(({ slug }) => slug).filter((slug) => !slugs.has(slug));
  const changes = providerChanges(providers, listed);
  const shown = changes.map((change) => change.shown);
  const base = { account: account.id, changes: changesJson(shown), undeclared };
  const json = { ...base, findings: findings.map((finding) => ({ ...finding })) };
  const rest = undeclared.length === 0 ? '' : `\nWithout a file, and left alone: ${plainText(undeclared.join(', '))}.`;
  if (changes.length === 0) {
    const text = `Nothing to push: the files in ${folder} and the custom providers of the ${account.name} are the same.${rest}`;
    return { exitCode: 0, json: { ...json, pushed: [] }, text };
  }
  refuseMasked(changes);
  desk.show(`${sayChanges(shown, desk.paint)}\n`);
  await desk.confirm(questionOf(changes, account));
  const pushed = await pushAll(account, changes, desk);
  return {
    exitCode: 0,
    json: { ...json, pushed },
    text: `Pushed to the ${account.name}: ${countChanges(shown)}.${rest}`,
  };
}

function questionOf(changes: readonly ProviderChange[], { name }: Account): string {
  const anew = changes.filter(({ seen }) => seen !== undefined).map(({ slug }) => slug);
  const warning = anew.length === 0 ? '' : ` ${anew.join(', ')} will be deleted, prices and all, and made anew.`;
  return `Push this to the ${name}?${warning}`;
}

/** Headers that are shown in part would be made anew with their stars. */
function refuseMasked(changes: readonly ProviderChange[]): void {
  const masked = changes.find(({ body }) => holdsMasked(body['headers']));
  if (masked === undefined) return;
  throw new Stop(
    1,
    `Cannot push ${masked.slug}: Cloudflare shows its headers in part only, and making it anew would lose them. Put "headers" into its file.`,
  );
}

async function pushAll(account: Account, changes: readonly ProviderChange[], desk: Desk): Promise<string[]> {
  const pushed: string[] = [];
  for (const { slug, body, seen } of changes) {
    const done = pushed.length === 0 ? 'Nothing was changed' : `Pushed so far: ${pushed.join(', ')}`;
    desk.progress(`${seen === undefined ? 'Making' : 'Deleting and making'} ${slug} ...`);
    if (seen === undefined) await createProvider(account, slug, body);
    else await replaceProvider(account, { seen, body, done });
    pushed.push(slug);
  }
  return pushed;
}

async function replaceProvider(
  account: Account,
  { seen, body, done }: Pick<ProviderChange, 'body'> & { seen: AccountProvider; done: string },
): Promise<void> {
  const fresh = await findProvider(account, seen);
  if (fresh === undefined || fresh.modified_at !== seen.modified_at)
    throw new Stop(1, `Cannot push ${seen.slug}: somebody changed it a moment ago. ${done}. Run the command again.`);
  await deleteProvider(account, seen);
  try {
    await createProvider(account, seen.slug, body);
  } catch (cause) {
    const why = cause instanceof Stop ? cause.message : 'it could not be made anew';
    throw new Stop(
      1,
      `${seen.slug} is deleted and not made anew, and nobody reaches it until it is: mend what follows, then push again.\n${why}`,
      { cause },
    );
  }
}

/** The providers to push, without a fault. */
function requireProviders(asked: Asked, desk: Desk): ProviderFolder {
  const read = readProviders(asked, desk.world);
  requireNoFault(read.findings, { what: 'push', whose: 'the custom providers' }, desk);
  const [only] = asked.operands;
  const providers = only === undefined ? read.providers : read.providers.filter(({ slug }) => slug === only);
  if (providers.length > 0) return { ...read, providers };
  const missing = only === undefined ? 'no provider file' : `no file for the provider ${plainText(only)}`;
  throw new Stop(1, `Cannot push: there is ${missing} in ${read.folder}.`);
}
