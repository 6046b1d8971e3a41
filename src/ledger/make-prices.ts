import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Writes price-table.ts from the price list of @pydantic/genai-prices (MIT), by hand:
 *
 *     npm install --no-save @pydantic/genai-prices && node src/ledger/make-prices.ts && npm run format
 *
 * The library itself stays out of the Worker: it is 76 kB of the bundle after gzip, it takes a model whose prices it lacks
 * for free, and it gives prices to names it does not know by how they begin.
 */

/** The parts of the library's data that are read here. */
interface Model {
  readonly id: string;
  readonly match: Match;
  readonly prices: Prices | readonly { readonly constraint?: Constraint; readonly prices: Prices }[];
}
type Match = Readonly<Record<string, string | readonly Match[]>>;
type Prices = Readonly<Record<string, number | Tiers | undefined>>;
interface Tiers {
  readonly base: number;
  readonly tiers: readonly { readonly start: number; readonly price: number }[];
}
interface Constraint {
  readonly type: string;
  readonly start_date?: string;
}
interface Library {
  findProvider(wanted: { providerId: string }): { readonly models: readonly Model[] } | undefined;
  calcPrice(usage: object, model: string, wanted: { providerId: string }): { readonly model: Model } | null;
}

/** Provider slugs and the library's names for them. Gateways that resell, and clouds with names of their own, are left out. */
const providers: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  'google-ai-studio': 'google',
  deepseek: 'deepseek',
  groq: 'groq',
  mistral: 'mistral',
  cohere: 'cohere',
  grok: 'x-ai',
  cerebras: 'cerebras',
  fireworks: 'fireworks',
  baseten: 'baseten',
};

/** Kinds of which the usage tells nothing: a model that charges for them has no price here. */
const untold = /^(output_(audio|image|video|citation|reasoning)|requests|audio_hours|input_text_messages)/;
/** Models whose tokens are not text, or come with a fee for each search; and Google's names for other people's models. */
const leftOut = /audio|tts|image|transcribe|realtime|live|search|research|computer-use|vision-preview/;

// A variable, so that the package is needed only where the script is run.
const packageName: string = '@pydantic/genai-prices';
const library = (await import(packageName)) as Library;
const today = new Date().toISOString().slice(0, 10);

const tables = Object.entries(providers).map(([slug, providerId]) => {
  const models = library.findProvider({ providerId })?.models ?? [];
  const rows = models.flatMap((model) => rowOf(providerId, model));
  return `  '${slug}': [\n${rows.map((row) => `    ${JSON.stringify(row)},\n`).join('')}  ],\n`;
});
writeFileSync(join(import.meta.dirname, 'price-table.ts'), headOf(today) + tables.join('') + '};\n');

function headOf(date: string): string {
  return `/**
 * A model's names, then US dollars per million tokens: input, output, cache read, cache write (\`null\` or absent: as
 * input), and what they are above so many input tokens.
 */
export type PriceRow = readonly [
  names: string,
  input: number,
  output: number,
  cachedRead?: number | null,
  cachedWrite?: number | null,
  above?: readonly [tokens: number, input: number, output: number, cachedRead?: number | null, cachedWrite?: number | null],
];

/**
 * Prices by provider. Made by make-prices.ts from @pydantic/genai-prices 0.1.8 (MIT) on ${date}; not edited by hand, the
 * KV value \`prices\` overrides it. Prices that change by the hour are the dearest; cache writes are those of five minutes.
 */
export const priceRows: Readonly<Record<string, readonly PriceRow[]>> = {
`;
}

function rowOf(providerId: string, model: Model): unknown[][] {
  const names = namesOf(model).filter((name) => isOf(providerId, name, model));
  const prices = pricesNow(model);
  const output = prices['output_mtok'] ?? (/embed/.test(model.id) ? 0 : undefined);
  if (leftOut.test(model.id) || (providerId === 'google' && model.id.startsWith('claude'))) return [];
  const isTold = Object.keys(prices).every((kind) => !untold.test(kind));
  if (names.length === 0 || !isTold || prices['input_mtok'] === undefined || output === undefined) return [];
  const kinds = [prices['input_mtok'], output, prices['cache_read_mtok'], prices['cache_write_mtok']];
  const start = kinds.find((kind) => typeof kind === 'object')?.tiers.at(-1)?.start;
  const above = start === undefined ? undefined : [start, ...trimmed(kinds.map(dearest))];
  const base = kinds.map((kind) => (typeof kind === 'object' ? kind.base : kind));
  const row = [
    shortest(names).join(' '),
    ...(above === undefined ? trimmed(base) : base.map((price) => price ?? null)),
  ];
  return [above === undefined ? row : [...row, above]];
}

/** Names that the matcher spells out. What it only describes is not a name. */
function namesOf({ id, match }: Model): string[] {
  const spelled = (one: Match): string[] =>
    Object.entries(one).flatMap(([word, value]) => {
      if (typeof value === 'string') return word === 'equals' || word === 'starts_with' ? [value] : [];
      return word === 'or' ? value.flatMap(spelled) : [];
    });
  return [...new Set([id, ...spelled(match)])].filter((name) => /^[^\s-][^\s]*[^\s-]$/.test(name));
}

/** Whether the library itself takes the name for this model. */
function isOf(providerId: string, name: string, model: Model): boolean {
  return library.calcPrice({ input_tokens: 1 }, name, { providerId })?.model.id === model.id;
}

/** Leaves out dated names of a name that is there: prices.ts finds those by itself. */
function shortest(names: readonly string[]): string[] {
  return names.filter((name) => {
    const undated = name.replace(/(?:-\d{4}-\d{2}-\d{2}|[-@]20\d{6})$/, '');
    return undated === name || !names.includes(undated);
  });
}

function pricesNow({ prices }: Model): Prices {
  // The type guard of `Array.isArray` does not know readonly arrays.
  if (!Array.isArray(prices)) return prices as Prices;
  const rows = prices as readonly { readonly constraint?: Constraint; readonly prices: Prices }[];
  const begun = rows.filter(({ constraint }) => (constraint?.start_date ?? '') <= today);
  const isHourly = ({ constraint }: (typeof rows)[number]): boolean => constraint?.type === 'time_of_date';
  const possible = [...begun.filter(isHourly), ...begun.filter((row) => !isHourly(row)).slice(-1)];
  const input = (one: Prices): number => dearest(one['input_mtok']) ?? 0;
  return possible.toSorted((a, b) => input(b.prices) - input(a.prices)).at(0)?.prices ?? {};
}

function dearest(price: number | Tiers | undefined): number | undefined {
  return typeof price === 'object' ? (price.tiers.at(-1)?.price ?? price.base) : price;
}

function trimmed(prices: readonly (number | undefined)[]): (number | null)[] {
  const last = prices.findLastIndex((price) => price !== undefined);
  return prices.slice(0, last + 1).map((price) => price ?? null);
}
