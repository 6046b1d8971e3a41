import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stop } from './stop.ts';
import { plainText } from './table.ts';

/** The folder of `wrangler.toml` and of the installed wrangler. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const quiet = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  // The results are log lines to wrangler: at a lower level it prints nothing at all.
  WRANGLER_LOG: 'log',
  CI: 'true',
};

/** All that 50 snapshots of a large policy could ever fill, in bytes. */
const mostOutput = 64 * 1024 * 1024;

/**
 * Runs the installed wrangler and gives its stdout. What is secret goes in by `input`: a command line is open to every
 * process of the machine. Throws {@link Stop} with wrangler's words and what to do where it fails.
 */
export async function runWrangler(args: readonly string[], input?: string): Promise<string> {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
  const options = { cwd: root, env: { ...process.env, ...quiet }, maxBuffer: mostOutput };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [wrangler, ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(wranglerFailed(args, stderr === '' ? error.message : stderr));
    });
    if (input === undefined) return;
    // A wrangler that fails early closes its stdin; what is wrong then stands in its stderr.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** What wrangler wrote when it failed, without its frame, and what to do about it. */
export function wranglerFailed(args: readonly string[], output: string): Stop {
  const words = plainText(output)
    .split('\n')
    .map((line) => line.replace(/^\W*\[ERROR\]\s*/, '').trim())
    .filter((line) => line !== '' && !frame.some((pattern) => pattern.test(line)))
    .slice(0, 12)
    .join('\n  ');
  const advice = hints.find(({ when }) => when.test(words))?.says ?? 'Try the same by npx wrangler to see more.';
  const options = args.findIndex((word) => word.startsWith('-'));
  const command = args.slice(0, options < 0 ? args.length : options).join(' ');
  return new Stop(1, `Cannot go on: wrangler ${command} failed.\n  ${words}\n${advice}`);
}

/** Lines that say nothing about the failure. */
const frame = [/^If you think this is a bug/, /Logs were written to/, /^To continue without logging in/, /^```/];

const hints = [
  {
    when: /CLOUDFLARE_API_TOKEN|not (logged in|authenticated)|Authentication error/i,
    says: 'Log in with npx wrangler login, or set CLOUDFLARE_API_TOKEN to a token that may edit Workers KV. npx wrangler whoami says who you are.',
  },
  {
    when: /No environment found/,
    says: 'Name an environment that wrangler.toml has, or leave --env out for its top level.',
  },
  {
    when: /namespace/i,
    says: 'Put the id of the namespace into wrangler.toml under POLICY; npx wrangler kv namespace list shows what there is, npx wrangler kv namespace create POLICY makes one.',
  },
  {
    when: /fetch failed|Unable to resolve|ENOTFOUND|ECONNREFUSED|ETIMEDOUT/,
    says: 'Cloudflare could not be reached: check the network, then run the command again.',
  },
];
