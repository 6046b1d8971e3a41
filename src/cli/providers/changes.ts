import { isDeepStrictEqual } from 'node:util';
import { asJson, parseJson, type Json } from '../../core/json.ts';
import { hideCredentials } from '../hide.ts';
import type { Change } from '../policy/entries.ts';
import type { FileProvider } from './folder.ts';
import { providerSettings, type AccountProvider } from './schema.ts';

/** A custom provider whose file and account differ. */
export interface ProviderChange {
  readonly slug: string;
  /** What POST is sent: what the account has, with the file over it. */
  readonly body: Readonly<Record<string, Json>>;
  /** The provider in the account, which must go first; absent: there is none of the slug. */
  readonly seen?: AccountProvider;
  /** For people and scripts, without credentials. */
  readonly shown: Change;
}

/** What a push changes, by slug. What a file does not say is taken over from the account. */
export function providerChanges(files: readonly FileProvider[], account: readonly AccountProvider[]): ProviderChange[] {
  return files.flatMap(({ slug, settings }): ProviderChange[] => {
    const seen = account.find((one) => one.slug === slug);
    if (seen === undefined) {
      const after = textOf(settings);
      return [{ slug, body: settings, shown: { key: slug, change: 'added', after } }];
    }
    const kept = settingsOf(seen);
    const body = { ...kept, ...settings };
    const changed = Object.keys(settings).filter((name) => !isSame(settings[name], kept[name]));
    if (changed.length === 0) return [];
    const [before, after] = [textOf(kept), textOf(body, { newHeaders: changed.includes('headers') })];
    return [{ slug, body, seen, shown: { key: slug, change: 'changed', before, after } }];
  });
}

/** A provider's settings, without what is Cloudflare's own. */
export function settingsOf(provider: AccountProvider): Record<string, Json> {
  return Object.fromEntries(
    providerSettings.flatMap((name) => {
      const value = provider[name];
      return value === undefined || value === null ? [] : [[name, asJson(value)] as const];
    }),
  );
}

/** Headers are one text of JSON, which may be spaced and ordered otherwise. */
function isSame(declared: Json | undefined, now: Json | undefined): boolean {
  return isDeepStrictEqual(parsed(declared), parsed(now));
}

function parsed(value: Json | undefined): unknown {
  return typeof value === 'string' && value.startsWith('{') ? (parseJson(value) ?? value) : value;
}

/** Settings as they may be shown, in one order. */
function textOf(settings: Readonly<Record<string, Json>>, { newHeaders = false } = {}): string {
  const ordered = providerSettings.flatMap((name) => {
    const value = settings[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const shown = Object(hideCredentials(Object.fromEntries(ordered))) as Record<string, Json>;
  // Both sides are hidden, so that the difference itself would not show.
  return JSON.stringify({ ...shown, ...(newHeaders && { headers: '[hidden, and not the same]' }) }, null, 2);
}
