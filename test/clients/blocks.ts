import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fillPlaceholders, type BlockPart } from '../../src/cli/clients/block.ts';
import { npmPackages, pypiPackages } from './packages.ts';
import type { Packages } from './clients.ts';
import { install } from './install.ts';
import { bareEnvironment, openHome, runProgram } from './process.ts';
import { readReadmeBlocks, type ReadmeBlock } from './readme.ts';
import type { RunningRouter } from './router.ts';

/** How the blocks of one heading of the README are run. */
export interface BlockRow {
  /** For `--client`. */
  readonly name: string;
  readonly title: string;
  /** Absent: the shell is enough. */
  readonly packages?: Packages;
  /** The most requests that may reach the upstream: a block has one turn, an agent its side calls too. */
  readonly most: number;
  /** Under `CI=true` it is a failure that it could not be installed. */
  readonly required: boolean;
  /** What keeps a client from calling home. */
  readonly env?: Readonly<Record<string, string>>;
}

const opencodeQuiet = { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };

/** Every heading of the section, in its order. */
export const blockRows: readonly BlockRow[] = [
  { name: 'readme-openhands', title: 'OpenHands', packages: pypiPackages.openhands, most: 2, required: true },
  {
    name: 'readme-opencode',
    title: 'opencode',
    packages: npmPackages.opencode,
    most: 2,
    required: true,
    env: opencodeQuiet,
  },
  {
    name: 'readme-opencode-login',
    title: 'opencode, configured by the router',
    packages: npmPackages.opencode,
    most: 2,
    required: true,
    env: opencodeQuiet,
  },
  { name: 'readme-openclaw', title: 'OpenClaw', packages: npmPackages.openclaw, most: 2, required: true },
  {
    name: 'readme-claude-code',
    title: 'Claude Code',
    packages: npmPackages.claudeCode,
    most: 4,
    required: false,
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
  },
  { name: 'readme-codex', title: 'Codex', packages: npmPackages.codex, most: 1, required: true },
  { name: 'readme-livekit', title: 'LiveKit', packages: pypiPackages.livekit, most: 1, required: true },
  { name: 'readme-openai-python', title: 'OpenAI SDK, Python', packages: pypiPackages.openai, most: 1, required: true },
  { name: 'readme-openai-node', title: 'OpenAI SDK, Node', packages: npmPackages.openai, most: 1, required: true },
  {
    name: 'readme-anthropic-python',
    title: 'Anthropic SDK, Python',
    packages: pypiPackages.anthropic,
    most: 1,
    required: true,
  },
  {
    name: 'readme-anthropic-node',
    title: 'Anthropic SDK, Node',
    packages: npmPackages.anthropic,
    most: 1,
    required: true,
  },
  { name: 'readme-ai-sdk', title: 'AI SDK', packages: npmPackages.aiSdk, most: 1, required: true },
  { name: 'readme-langchain', title: 'LangChain', packages: npmPackages.langchain, most: 1, required: true },
  { name: 'readme-litellm', title: 'litellm', packages: pypiPackages.litellm, most: 1, required: true },
  { name: 'readme-curl', title: 'curl', most: 1, required: true },
];

/** What became of a block: its faults (none: it works), or why it was left out. */
export type BlockResult = readonly string[] | { readonly missing: string };

const answer = 'Hello from the edge';
const blockAtMostMs = 120_000;

/** Runs the blocks of one heading as a person would: files first, then the programs and commands, in their order. */
export async function runBlock(
  row: BlockRow,
  router: RunningRouter,
  tell: (text: string) => void,
): Promise<BlockResult> {
  const block = readReadmeBlocks().find(({ title }) => title === row.title);
  if (block === undefined) return [`the README has no heading "${row.title}"`];
  const installed = row.packages === undefined ? { bin: '', folder: '' } : await install(row.packages, tell);
  if ('missing' in installed) return installed;
  const home = openHome();
  try {
    await router.forget();
    const files = block.parts.flatMap(({ file, text }) =>
      file === undefined ? [] : [{ file, text: fill(text, router) }],
    );
    for (const { file, text } of files) write(join(home.folder, file.replace(/^~\//, '')), text);
    const { command, args } = commandOf(block, { folder: installed.folder, home: home.folder, router });
    const env = { ...bareEnvironment(home.folder), PATH: `${installed.bin}:${process.env['PATH'] ?? ''}`, ...row.env };
    const done = await runProgram({ command, args, env }, { cwd: home.folder, mostMs: blockAtMostMs });
    const upstream = await router.upstream();
    const wrote = `${done.out.slice(-400)} ${done.err.slice(-400)}`;
    return [
      ...(done.code === 0 ? [] : [`it ended with ${String(done.code)}: ${wrote}`]),
      ...(done.out.includes(answer) ? [] : [`it did not print the answer: ${wrote}`]),
      ...(upstream.length >= 1 && upstream.length <= row.most
        ? []
        : [`${upstream.length} requests reached the upstream`]),
    ];
  } finally {
    home.remove();
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The README's text with this router's address and key, and a prompt that the stand-in answers in known words. */
function fill(text: string, { origin, key }: RunningRouter): string {
  return fillPlaceholders(text, { url: origin, key })
    .replaceAll('${{ secrets.ROUTER_KEY }}', key)
    .replaceAll('Say hello', `Please !say ${answer}`);
}

interface Stage {
  readonly folder: string;
  readonly home: string;
  readonly router: RunningRouter;
}

/** What is started: the block's program, or a shell with its commands. */
function commandOf({ parts }: ReadmeBlock, { folder, home, router }: Stage): { command: string; args: string[] } {
  const program = parts.find(
    ({ file, language }) => file === undefined && (language === 'python' || language === 'js'),
  );
  if (program?.language === 'python') return { command: 'python', args: ['-c', fill(program.text, router)] };
  if (program !== undefined) {
    // Beside the packages that it imports.
    const path = join(folder, `block-${process.pid}.mjs`);
    write(path, fill(program.text, router));
    return { command: process.execPath, args: [path] };
  }
  const shell = parts.flatMap(({ file, language, text }) => (file === undefined && language === 'sh' ? [text] : []));
  const workflow = parts.find(({ language }) => language === 'yaml');
  const steps = workflow === undefined ? [] : [workflowStep(workflow, { home, router })];
  return { command: 'bash', args: ['-ec', [...shell.map((text) => fill(text, router)), ...steps].join('\n')] };
}

/** The Python step of a workflow: run once with the variables of the shell block, and once with the workflow's own. */
function workflowStep({ text }: BlockPart, { home, router }: Pick<Stage, 'home' | 'router'>): string {
  const filled = fill(text, router);
  const [, script = ''] = /shell: python\n\s+run: \|\n([\s\S]*)$/.exec(filled) ?? [];
  const depth = /^ */.exec(script)?.[0].length ?? 0;
  const path = join(home, 'step.py');
  write(path, script.replaceAll(new RegExp(`^ {${depth}}`, 'gm'), ''));
  const variables = [...filled.matchAll(/^\s+(LLM_\w+): (\S+)$/gm)].map(
    ([, name = '', value = '']) => `${name}=${value}`,
  );
  return `python ${path}\n${variables.join(' ')} python ${path}`;
}
