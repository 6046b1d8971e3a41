import type { Asked } from '../asked.ts';
import { readUrl } from '../reach.ts';
import type { Command, Desk, Outcome } from '../command.ts';
import { nearestWord } from '../nearest.ts';
import { Stop } from '../stop.ts';
import { agentBlocks } from './agents.ts';
import { examplePlaceholders, fillPlaceholders, type ClientBlock } from './block.ts';
import { libraryBlocks } from './libraries.ts';

/** Every client that there is a block for, in the README's order. */
export const clientBlocks: readonly ClientBlock[] = [...agentBlocks, ...libraryBlocks];

/** `init-client`. */
export const initClientCommand: Command = {
  name: 'init-client',
  summary: 'Print the configuration of a client for this router and this key',
  details: [
    `Clients: ${clientBlocks.map(({ name }) => name).join(', ')}.`,
    'The key is read from ROUTER_KEY; without it a placeholder is printed. Nothing is written.',
  ],
  operands: ['<client>'],
  options: {
    url: { value: '<url>', says: 'the router, without /v1 (default: ROUTER_URL, else what npm start serves)' },
  },
  json: ['client, note?, parts: [{ language, file?, text }]'],
  examples: ['init-client opencode --url https://ai-edge-router.example.workers.dev', 'init-client codex --json'],
  run: async (asked, desk) => initClient(asked, desk),
};

function initClient({ operands: [name = ''], values }: Asked, { world, paint }: Desk): Outcome {
  const block = clientBlocks.find((one) => one.name === name) ?? unknownClient(name);
  const url = readUrl(values.get('url') ?? world.env['ROUTER_URL'] ?? 'http://127.0.0.1:8787');
  const key = readRouterKey(world.env['ROUTER_KEY']);
  const fill = (text: string): string => fillPlaceholders(text, { url, key });
  const parts = block.parts.map((part) => ({ ...part, text: fill(part.text.trim()) }));
  const note = block.note === undefined ? {} : { note: fill(block.note) };
  const shown = parts.map(({ file, text }) => [...(file === undefined ? [] : [paint('bold', file)]), text].join('\n'));
  const lead = note.note === undefined ? [] : [paint('dim', note.note)];
  return { exitCode: 0, json: { client: name, ...note, parts }, text: [...lead, ...shown].join('\n\n') };
}

/** What is pasted into JSON, TOML, a shell and a program must hold no sign that means something there. */
function readRouterKey(given: string | undefined): string {
  const key = given?.trim() ?? '';
  if (key === '') return examplePlaceholders.key;
  if (/^[A-Za-z0-9._-]+$/.test(key)) return key;
  throw new Stop(2, 'Cannot use ROUTER_KEY: a key has letters, digits, dots, - and _ alone.');
}

function unknownClient(name: string): never {
  const names = clientBlocks.map((block) => block.name);
  const near = nearestWord(name, names);
  const hint = near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`;
  throw new Stop(2, `Cannot print a configuration: there is no block for the client "${name}". ${hint}`);
}
