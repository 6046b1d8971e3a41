import { parseJson } from '../core/json.ts';
import type { Command } from './command.ts';
import { countWords, readScript } from './command.ts';
import { readFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { leadOf } from './prompt.ts';
import type { Item, Prompt } from './prompt.ts';
import { minimalValue } from './read.ts';
import { countUsage } from './tokens.ts';
import type { Tokens } from './tokens.ts';

/** What the model says, before any provider's wire is put on it. */
export interface Answer {
  readonly parts: readonly AnswerPart[];
  readonly stop: 'end' | 'length' | 'tool' | 'stop-sequence' | 'refusal';
  readonly stopSequence?: string;
  readonly tokens: Tokens;
  readonly faults: Faults;
}

export type AnswerPart =
  | { readonly kind: 'thinking' | 'text' | 'refusal'; readonly text: string }
  /** `arguments` is JSON text. */
  | { readonly kind: 'tool'; readonly name: string; readonly arguments: string };

/** The deterministic brain: the same prompt gives the same answer, save for the prompt cache of `tokens.ts`. */
export function answer(prompt: Prompt): Answer {
  const lead = leadOf(prompt.items);
  const script = readScript(lead.text);
  const commands = chooseCommands(script.commands, lead.round, prompt.model);
  const quotes = lead.results.length > 0 && (script.commands.length === 0 || lead.round > 0);
  const plain = quotes ? quoteResults(lead.results) : greet(prompt, script.words);
  const wanted = sayParts(commands, prompt) ?? [{ kind: 'text', text: plain } as const];
  const thought = { kind: 'thinking', text: `The user said ${script.words} words. I answer.` } as const;
  const cut = shorten(commands.some(({ name }) => name === 'think') ? [thought, ...wanted] : wanted, prompt);
  return { ...cut, tokens: countUsage(prompt, cut.parts), faults: readFaults(commands) };
}

/** The commands of this tool round that count for this model. */
function chooseCommands(commands: readonly Command[], round: number, model: string): Command[] {
  const chosen: Command[] = [];
  let current = 0;
  let counts = true;
  for (const command of commands) {
    if (command.name === 'then') current += 1;
    else if (command.name === 'only') counts = model.includes(command.word ?? '');
    else if (counts && current === round) chosen.push(command);
  }
  return chosen;
}

function quoteResults(results: readonly string[]): string {
  return `The tools said: ${results.map((result) => `"${result}"`).join(', ')}.`;
}

function greet(prompt: Prompt, words: number): string {
  const hello = `Hello from ${prompt.model}. You said ${words} words.`;
  const media = prompt.items.filter((item) => item.kind === 'media');
  return media.length === 0 ? hello : `${hello} I got ${media.map(describeMedia).join(', ')}.`;
}

function describeMedia(item: Item & { kind: 'media' }): string {
  return `1 ${item.what} (${item.type})`;
}

/** The parts that commands or the request's own options ask for; nothing where the answer is free. */
function sayParts(commands: readonly Command[], prompt: Prompt): AnswerPart[] | undefined {
  const refusal = commands.some(({ name }) => name === 'refuse');
  if (refusal) return [{ kind: 'refusal', text: 'I cannot help with that.' }];
  const texts = commands.flatMap(textOfCommand);
  const calls = callTools(commands, prompt);
  if (texts.length + calls.length > 0) {
    return [...(texts.length > 0 ? [{ kind: 'text', text: texts.join('\n') } as const] : []), ...calls];
  }
  if (prompt.output === undefined) return undefined;
  const value = prompt.output.schema === undefined ? { answer: 'text' } : minimalValue(prompt.output.schema);
  return [{ kind: 'text', text: JSON.stringify(value) }];
}

function textOfCommand(command: Command): string[] {
  if (command.name === 'say' || command.name === 'json') return [command.text ?? ''];
  if (command.name !== 'long') return [];
  return [Array.from({ length: command.count ?? 1 }, (_, index) => `word${index + 1}`).join(' ')];
}

/** The tool calls of this answer: those that commands name, else one where the request demands a call. */
function callTools(commands: readonly Command[], prompt: Prompt): AnswerPart[] {
  const named = commands.filter(({ name }) => name === 'tool');
  const calls = named.map((command): AnswerPart => {
    const name = command.word ?? '';
    const declared = prompt.tools.some((tool) => tool.name === name) && prompt.choice !== 'none';
    if (!declared) return { kind: 'text', text: `I may not call ${name}: it was not declared, or no tool is allowed.` };
    return { kind: 'tool', name, arguments: command.text ?? '{}' };
  });
  if (calls.length > 0) return prompt.parallel ? calls : calls.slice(0, 1);
  const demanded = typeof prompt.choice === 'object' ? prompt.choice.name : prompt.tools[0]?.name;
  const tool = prompt.tools.find(({ name }) => name === demanded);
  const forced = typeof prompt.choice === 'object' || prompt.choice === 'required';
  if (!forced || tool === undefined) return [];
  return [{ kind: 'tool', name: tool.name, arguments: JSON.stringify(minimalValue(tool.schema)) }];
}

/** Applies stop sequences and the limit on tokens to the text of an answer. */
function shorten(parts: readonly AnswerPart[], prompt: Prompt): Pick<Answer, 'parts' | 'stop' | 'stopSequence'> {
  const spoken = parts.find(({ kind }) => kind === 'text');
  const text = spoken?.kind === 'text' ? spoken.text : '';
  const found = prompt.stop.find((stop) => text.includes(stop));
  if (found !== undefined) {
    const kept = replaceText(parts, text.slice(0, text.indexOf(found)));
    return { parts: kept, stop: 'stop-sequence', stopSequence: found };
  }
  const words = text.split(' ');
  if (prompt.maxTokens !== undefined && countWords(text) > prompt.maxTokens && parseJson(text) === undefined) {
    return { parts: replaceText(parts, words.slice(0, prompt.maxTokens).join(' ')), stop: 'length' };
  }
  if (parts.some(({ kind }) => kind === 'refusal')) return { parts, stop: 'refusal' };
  return { parts, stop: parts.some(({ kind }) => kind === 'tool') ? 'tool' : 'end' };
}

/** The parts up to the first text, which is replaced; what would have followed was never said. */
function replaceText(parts: readonly AnswerPart[], text: string): AnswerPart[] {
  const at = parts.findIndex(({ kind }) => kind === 'text');
  return [...parts.slice(0, at), { kind: 'text', text }];
}
