// Installs the dependencies when they are missing or older than the lock file. Plain JavaScript on built-ins only: it
// runs before anything is installed, under whichever Node the machine has.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const lock = join(root, 'package-lock.json');
const installed = join(root, 'node_modules', '.installed-lock.json');

if (!existsSync(installed) || readFileSync(installed, 'utf8') !== readFileSync(lock, 'utf8')) {
  console.log('Installing dependencies (once; about half a minute) ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error(
      'Cannot install the dependencies: npm ci failed as shown above. Mend that, then run the command again.',
    );
    process.exit(npm.status ?? 1);
  }
  copyFileSync(lock, installed);
}
