import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runWrangler } from './wrangler.ts';

/** The sample policies as KV entries: `route.<name>.json` is the key `route:<name>`, any other file the key of its own name. */
export function readSamples(): { key: string; value: string }[] {
  const folder = join(root, 'src', 'local', 'samples');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.toSorted().map((file) => ({
    key: file.slice(0, -'.json'.length).replace(/^route\./, 'route:'),
    value: readFileSync(join(folder, file), 'utf8'),
  }));
}

/**
 * Writes the sample policies into the local KV: at the first start, and again when the samples have changed. What was pushed
 * there since stays. Throws with wrangler's words where it cannot.
 */
export async function seedPolicies(): Promise<void> {
  const folder = join(root, '.wrangler');
  const file = join(folder, 'samples.json');
  const samples = JSON.stringify(readSamples());
  if (existsSync(join(folder, 'state')) && existsSync(file) && readFileSync(file, 'utf8') === samples) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, samples);
  await runWrangler(['kv', 'bulk', 'put', file, '--local', '--env', 'local', '--binding', 'POLICY']);
}
