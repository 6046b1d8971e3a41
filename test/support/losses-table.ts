import type { ConversationDialect } from '../../src/core/dialect.ts';
import { conversationDialects } from '../../src/core/dialect.ts';
import type { Conversation } from '../../src/core/conversation.ts';
import type { LossRow } from '../../src/core/half.ts';
import { chatLosses } from '../../src/dialects/chat/index.ts';
import { messagesLosses } from '../../src/dialects/messages/index.ts';
import { responsesLosses } from '../../src/dialects/responses/index.ts';
import { targetHalves } from '../../src/halves.ts';

/** Where the table stands in the README. */
export const lossesMarks = { begin: '<!-- losses:begin -->', end: '<!-- losses:end -->' } as const;

const listed: Readonly<Record<ConversationDialect, readonly LossRow[]>> = {
  chat: chatLosses,
  messages: messagesLosses,
  responses: responsesLosses,
};

/**
 * Top-level fields that the neutral form carries by name. A target that does not list one may carry or lose it all the
 * same, so it is asked with this value.
 */
const carriedSamples: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['n', 2],
  ['logprobs', true],
  ['top_logprobs', 2],
  ['logit_bias', { '50256': -100 }],
  ['modalities', ['text', 'audio']],
  ['audio', { voice: 'alloy', format: 'wav' }],
  ['verbosity', 'low'],
  ['text.verbosity', 'low'],
  ['web_search_options', { search_context_size: 'low' }],
  ['functions', [{ name: 'look' }]],
  ['function_call', { name: 'look' }],
  ['store', true],
  ['previous_response_id', 'resp_1'],
  ['conversation', 'conv_1'],
  ['prompt', { id: 'pmpt_1' }],
  ['background', true],
  ['truncation', 'auto'],
  ['max_tool_calls', 3],
  ['include', ['web_search_call.results']],
  ['context_management', { edits: [] }],
  ['container', 'container_1'],
  ['mcp_servers', [{ url: 'https://tools.example' }]],
]);

type Cell = 'lost' | 'harmless' | 'carried';

interface Row {
  readonly feature: string;
  readonly cells: readonly Cell[];
  readonly why: string;
}

/** The README's table of what each target loses, without the marks around it. */
export function renderLosses(): string {
  const rows = findRows();
  const lost = rows.filter(({ cells }) => cells.includes('lost'));
  const harmless = rows.filter(({ cells }) => !cells.includes('lost') && cells.includes('harmless'));
  return [
    `| Feature | ${conversationDialects.map((dialect) => `to ${dialect}`).join(' | ')} | Why |`,
    `|---|${conversationDialects.map(() => '---|').join('')}---|`,
    ...lost.map(({ feature, cells, why }) => `| ${[feature, ...cells, why].map(escape).join(' | ')} |`),
    '',
    `Harmless, on no target a reason to refuse: ${harmless.map(({ feature }) => feature).join('; ')}.`,
  ].join('\n');
}

function findRows(): Row[] {
  const features = new Set(Object.values(listed).flatMap((rows) => rows.map(({ feature }) => feature)));
  return [...features].map((feature) => ({
    feature,
    cells: conversationDialects.map((dialect) => cellOf(feature, dialect)),
    why: whyLost(feature),
  }));
}

/** A feature that is part of one that another target loses whole. */
const partOf: ReadonlyMap<string, string> = new Map([['stop of blanks alone', 'stop']]);

function cellOf(feature: string, dialect: ConversationDialect): Cell {
  const names = [feature, partOf.get(feature)];
  const row = listed[dialect].find((one) => names.includes(one.feature)) ?? probe(feature, dialect);
  if (row === undefined) return 'carried';
  return row.harmless ? 'harmless' : 'lost';
}

/** The targets' reasons; of three, the longest says enough. */
function whyLost(feature: string): string {
  const rows = conversationDialects.flatMap((dialect) => listed[dialect].filter((row) => row.feature === feature));
  const reasons = [...new Set(rows.filter(({ harmless }) => !harmless).map(({ why }) => why))];
  return reasons.length < 3 ? reasons.join('; ') : (reasons.toSorted((a, b) => b.length - a.length)[0] ?? '');
}

const question: Conversation = {
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  sampling: {},
  stream: false,
  carried: new Map(),
  unread: [],
};

/** What a target that does not list a field says to a request that has it. */
function probe(feature: string, dialect: ConversationDialect): { readonly harmless: boolean } | undefined {
  const sample = carriedSamples.get(feature);
  const carried = new Map(sample === undefined ? [] : [[feature, sample]]);
  const { losses } = targetHalves[dialect].writeRequest({ ...question, carried }, { model: 'model', name: 'model' });
  return losses.find((loss) => loss.feature === feature);
}

function escape(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
