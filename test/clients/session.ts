import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client, Way } from './clients.ts';
import { bareEnvironment, openHome, runProgram, startDriver, type Driver } from './process.ts';
import type { Said, Task } from './task.ts';

/** Longest wait for one task, in milliseconds: agents try again for a while before they give up. */
const taskAtMostMs = 200_000;

/** One client, ready to be asked. */
export interface Session {
  ask(task: Task): Promise<Said>;
  end(): void;
}

/** What a session runs with. */
export interface Shelf {
  readonly folder: string;
  readonly bin: string;
  readonly python?: string;
}

/** Opens a client: a driver is kept for all its tasks, a program is started for each. */
export function openSession({ way }: Client, shelf: Shelf): Session {
  return way.kind === 'driver' ? driverSession(way, shelf) : programSession(way, shelf);
}

function driverSession(way: Way & { kind: 'driver' }, { folder, bin, python }: Shelf): Session {
  const home = openHome();
  // Beside the packages that it imports: Node looks for them from the file's own folder upwards.
  cpSync(join(import.meta.dirname, 'drivers'), join(folder, 'drivers'), { recursive: true });
  const file = join(folder, 'drivers', way.file);
  const driver: Driver = startDriver(
    {
      command: python ?? process.execPath,
      args: [file, ...(way.argument === undefined ? [] : [way.argument])],
      env: { ...bareEnvironment(home.folder), PATH: pathWith(bin), PYTHONUNBUFFERED: '1' },
    },
    home.folder,
  );
  return {
    ask: async (task) => {
      const answer = await driver.ask(JSON.stringify(task), taskAtMostMs);
      if (answer.startsWith('!')) throw new Error(answer.slice(1));
      return (JSON.parse(answer) as { said: Said }).said;
    },
    end: () => {
      driver.end();
      home.remove();
    },
  };
}

/** The package's own programs first, then Node's and the system's. */
function pathWith(bin: string): string {
  return `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
}

function programSession(way: Way & { kind: 'program' }, { bin }: Shelf): Session {
  return {
    ask: async (task) => {
      const home = openHome();
      try {
        const invocation = way.invoke(task, home.folder);
        for (const [path, text] of Object.entries(invocation.files ?? {})) {
          mkdirSync(dirname(join(home.folder, path)), { recursive: true });
          writeFileSync(join(home.folder, path), text);
        }
        const env = { ...bareEnvironment(home.folder), PATH: pathWith(bin), ...invocation.env };
        const done = await runProgram({ ...invocation, env }, { cwd: home.folder, mostMs: taskAtMostMs });
        if (done.code === undefined) throw new Error(`no end within ${taskAtMostMs / 1000} s: ${done.out.slice(-600)}`);
        return way.read(done);
      } finally {
        home.remove();
      }
    },
    end: () => undefined,
  };
}
