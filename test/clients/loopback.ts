import { spawn, spawnSync } from 'node:child_process';

/** Set in the process that runs inside: it must not go in once more. */
const insideFlag = 'ROUTER_CLIENTS_INSIDE';
const namespace = ['--user', '--map-root-user', '--net'] as const;
const raise = 'ip link set lo up';

/** Whether this process has the loopback interface alone. */
export function isHeld(): boolean {
  return process.env[insideFlag] === '1';
}

/** Whether this machine can hold a process to the loopback interface: a network namespace of Linux, made without being root. */
export function canHold(): boolean {
  return spawnSync('unshare', [...namespace, 'sh', '-c', raise], { stdio: 'ignore' }).status === 0;
}

/**
 * Runs this very command again where there is no other network than the loopback interface, and gives its exit code: a client that
 * calls home, or past the router, fails there for all to see.
 */
export async function runHeld(): Promise<number> {
  const command = [process.execPath, ...process.argv.slice(1)];
  const child = spawn('unshare', [...namespace, 'sh', '-c', `${raise} && exec "$@"`, 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [insideFlag]: '1' },
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
}
