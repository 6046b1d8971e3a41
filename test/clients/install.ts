import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Packages } from './clients.ts';
import { isHeld } from './loopback.ts';
import { runProgram } from './process.ts';

/** Where clients are installed: kept between runs, thrown away with the dependencies. */
const shelf = join('node_modules', '.clients');
const installAtMostMs = 900_000;

/** An installed client, or why there is none. */
export type Installed =
  { readonly folder: string; readonly bin: string; readonly python?: string } | { readonly missing: string };

/** Installs packages in a folder of their own, once: npm's by npm, PyPI's in a venv. `tell` is called before it takes time. */
export async function install(packages: Packages, tell: (text: string) => void): Promise<Installed> {
  const folder = join(process.cwd(), shelf, folderOf(packages));
  const stamp = join(folder, 'installed.json');
  const wanted = JSON.stringify(packages);
  const bin = packages.from === 'npm' ? join(folder, 'node_modules', '.bin') : join(folder, 'bin');
  const python = packages.from === 'pypi' ? { python: join(bin, 'python') } : {};
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return { folder, bin, ...python };
  if (isHeld()) return { missing: 'it could not be installed, as said above' };
  tell(`Installing ${packages.names.join(', ')} (once) ...`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const missing =
    packages.from === 'npm' ? await installNpm(folder, packages.names) : await installPython(folder, packages);
  if (missing !== undefined) return { missing };
  writeFileSync(stamp, wanted);
  return { folder, bin, ...python };
}

function folderOf({ from, names }: Packages): string {
  return `${from}-${(names[0] ?? '').replace(/\W+/g, '-').replace(/^-|-$/g, '')}`;
}

/** Gives why it could not be done; `undefined` where it was. */
async function installNpm(folder: string, names: readonly string[]): Promise<string | undefined> {
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}\n');
  return runInstaller(folder, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...names]);
}

async function installPython(folder: string, packages: Packages & { from: 'pypi' }): Promise<string | undefined> {
  const python = await findPython(packages.python ?? '3.10', folder);
  if (python === undefined) return `no Python ${packages.python ?? '3.10'} or newer is installed here`;
  const made = await runInstaller(folder, python, ['-m', 'venv', folder]);
  if (made !== undefined) return made;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages.names];
  return runInstaller(folder, join(folder, 'bin', 'python'), pip);
}

/** The oldest Python that will do: newest ones lack built packages for a while. */
async function findPython(oldest: string, cwd: string): Promise<string | undefined> {
  const [, least = 10] = oldest.split('.').map(Number);
  const named = [11, 12, 13, 14].filter((minor) => minor >= least).map((minor) => `python3.${minor}`);
  for (const command of [...named, 'python3', ...pyenvPythons()]) {
    const check = `import sys, venv; sys.exit(0 if sys.version_info >= (3, ${least}) else 1)`;
    const { code } = await runProgram({ command, args: ['-c', check], env: ownEnvironment() }, { cwd, mostMs: 20_000 });
    if (code === 0) return command;
  }
  return undefined;
}

/** What pyenv keeps: its shims stand on the PATH and run the chosen version alone. */
function pyenvPythons(): string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .filter((name) => /^3\.\d+\.\d+$/.test(name))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((name) => join(versions, name, 'bin', 'python3'));
}

async function runInstaller(cwd: string, command: string, args: readonly string[]): Promise<string | undefined> {
  const { code, out, err } = await runProgram(
    { command, args, env: ownEnvironment() },
    { cwd, mostMs: installAtMostMs },
  );
  if (code === 0) return undefined;
  return `${command} ${code === undefined ? 'took too long' : `ended with ${code}`}: ${`${err}${out}`.trim().slice(-600)}`;
}

/** Installers reach the registries as whoever runs the tests does. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
