import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { wranglerKv } from '../../src/cli/kv.ts';
import { route } from './rig.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

// Each of the four runs of wrangler takes a second and a half of processor time, of which a busy machine has little.
it('pushes to real local KV through wrangler, where it is read back', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'router-main-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const policy = route('openai/gpt-5.1', { description: 'né' });
  mkdirSync(join(folder, 'policies'));
  writeFileSync(join(folder, 'policies', 'route.eu%2Fchat.jsonc'), `${JSON.stringify(policy)} // why`);

  const line = ['policy', 'push', '--persist-to', 'state', '--yes', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...line], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({
    command: 'policy push',
    ok: true,
    place: `local KV (${join(folder, 'state')})`,
    revision: 1,
    pushed: true,
    changes: [{ key: 'route:eu/chat', change: 'added', after: policy }],
  });

  const kv = wranglerKv({ remote: false, env: 'local', persistTo: join(folder, 'state') });
  const values = await kv.get(['route:eu/chat', 'policy-revision', 'missing']);
  expect([...values]).toEqual([
    ['route:eu/chat', `${JSON.stringify(policy, null, 2)}\n`],
    ['policy-revision', expect.stringContaining('"revision":1')],
  ]);
});
