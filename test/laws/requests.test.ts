import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/core/conversation.ts';
import type { ConversationDialect } from '../../src/core/dialect.ts';
import type { TargetTraits } from '../../src/core/half.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { clientHalves, targetHalves } from '../../src/halves.ts';
import { conversations } from '../support/conversations.ts';
import { factsOf } from '../support/facts.ts';

/*
 * Law 7: what a target half writes and the client half of its dialect reads again says everything that was said, but for
 * what the losses name. Each difference must have an excuse: a named loss, or a habit of the wire that changes nothing.
 */

/** What may differ under which name: the beginnings of facts. */
type Excuses = Readonly<Record<string, readonly RegExp[]>>;

interface Case {
  readonly dialect: ConversationDialect;
  readonly traits: TargetTraits;
  /** What the wire cannot keep although nothing is lost, each with its reason. */
  readonly habits: readonly RegExp[];
  readonly losses: Excuses;
}

/** Fields without a neutral meaning are lost under their own names. */
const carried: Excuses = {
  user: [/^carried user /],
  service_tier: [/^carried service_tier /],
  logit_bias: [/^carried logit_bias /],
  logprobs: [/^carried logprobs /],
  store: [/^carried store /],
  made_up: [/^carried made_up /],
};

const sampling: Excuses = {
  seed: [/^sampling seed /],
  top_k: [/^sampling topK /],
  frequency_penalty: [/^sampling frequencyPenalty /],
  presence_penalty: [/^sampling presencePenalty /],
};

const budgetAsEffort = [
  // A thinking budget is said as an effort where the wire has no budgets.
  /^reasoning (?:mode "on"|budgetTokens \d+|effort "(?:low|medium|high)")$/,
];

const effortAsBudget = [
  // An effort is said as a budget, and a word for how much to show goes with it, where the model knows no efforts.
  /^reasoning (?:mode "(?:on|off|adaptive)"|budgetTokens \d+|effort "\w+"|summary "\w+")$/,
];

const chat: Omit<Case, 'traits'> = {
  dialect: 'chat',
  habits: [
    // Several calls at once are the default, and some models refuse to be told so.
    /^option parallelTools true$/,
    // OpenAI requires a name of a schema, and of a file's bytes.
    /^output name "output"$/,
    /^user file name "file"$/,
    // A plain text file is written as a text part.
    /^(?:user|result) (?:file text|text) “/,
    ...budgetAsEffort,
  ],
  losses: {
    ...carried,
    ...sampling,
    cache_control: [/^mark on /, /^tool \S+ cacheControl /],
    'thinking of earlier turns': [/^thinking “/],
    'signature of a thinking part': [/^thinking (?:signature|redacted|encrypted|id) /],
    'is_error on a tool result': [/^error in /],
    'image inside a tool result': [/^result image /],
    'file inside a tool result': [/^result file /],
    'image by file id': [/^user image /],
    'file by URL': [/^user file /],
    'name of a text file': [/^(?:user|result) file name /],
    'thinking: disabled': [/^reasoning mode "off"$/],
    'thinking: adaptive': [/^reasoning mode "adaptive"$/],
    'reasoning summary': [/^reasoning summary /],
  },
};

const messages: Omit<Case, 'traits'> = {
  dialect: 'messages',
  habits: [
    // Refusals are text, and developers' instructions are the system's.
    /^assistant (?:refusal|text) “/,
    /^(?:developer|system) text “/,
    /^mark on (?:developer|system) text /,
    // Anthropic requires max_tokens: the model's own maximum where the caller named none.
    /^option maxOutputTokens (?:64000|8192)$/,
    // The flag against parallel calls stands inside of the choice, which is `auto` where there is none; `none` has no flag.
    /^option (?:toolChoice \{"type":"auto"\}|parallelTools (?:true|false))$/,
    // Only `strict: true` says something, and Anthropic keeps to every schema, which has no name.
    /^tool \S+ strict false$/,
    /^output (?:name|strict) /,
    // The default temperature and top_p, where they may not be sent.
    /^sampling (?:temperature|topP) 1$/,
    // The user's id has a place of its own.
    /^carried (?:user|metadata) /,
    // Tools that the conversation has used are declared again, and may not be called.
    /^tool \S+ \{"type":"object","properties":\{\}\}$/,
    /^option toolChoice \{"type":"none"\}$/,
    /^result (?:file|image) data image\//,
    ...effortAsBudget,
  ],
  losses: {
    ...carried,
    ...sampling,
    temperature: [/^sampling temperature /],
    'temperature above 1': [/^sampling temperature /],
    top_p: [/^sampling topP /],
    input_audio: [/^audio /],
    'file that is neither PDF, text nor image': [/^(?:user|result) file /, /^mark on (?:user|result) file /],
    'image detail': [/^(?:user|result) image detail /],
    'reasoning of earlier turns': [/^thinking /],
    'rank of a later system message': [
      /^(?:system|developer) text “/,
      /^user text <system>/,
      /^mark on (?:system|developer|user) text /,
    ],
    'response_format json_object': [/^output json$/],
    'response_format beside a forced tool': [/^output (?:json-)?schema/],
    'response_format description': [/^output description /],
    'max_tokens above the model’s maximum': [/^option maxOutputTokens /],
    'strict tools': [/^tool \S+ strict /],
    tool_choice: [/^option toolChoice /],
  },
};

const responses: Omit<Case, 'traits'> = {
  dialect: 'responses',
  habits: [
    // OpenAI requires a name of a schema and of a file's bytes, and its default for images is a word.
    /^output name "\w+"$/,
    /^(?:user|result) file name "document(?:\.pdf)?"$/,
    /^(?:user|result) image detail "auto"$/,
    // Without a word from the caller OpenAI would take a tool for a strict one.
    /^tool \S+ strict false$/,
    ...budgetAsEffort,
    // Anthropic shows thinking that was turned on without a word about it; OpenAI has to be asked.
    /^reasoning summary "auto"$/,
  ],
  losses: {
    ...carried,
    ...sampling,
    stop: [/^option stop /],
    input_audio: [/^audio /],
    cache_control: [/^mark on /, /^tool \S+ cacheControl /],
    'reasoning off': [/^reasoning mode "off"$/],
    'thinking: adaptive': [/^reasoning mode "adaptive"$/],
    'reasoning of earlier turns': [/^thinking /],
    'tool_result.is_error': [/^error in /],
    'text document': [/^(?:user|result) (?:file|text) /],
  },
};

const cases: readonly Case[] = [
  { ...chat, traits: { model: 'gpt-5.1', name: 'openai/gpt-5.1', developerRole: true } },
  { ...chat, traits: { model: 'vendor', name: 'vendor', developerRole: true, reasoningField: 'reasoning_content' } },
  { ...messages, traits: { model: 'claude-sonnet-4-5', name: 'anthropic/claude-sonnet-4-5' } },
  { ...messages, traits: { model: 'stranger', name: 'custom/stranger' } },
  { ...responses, traits: { model: 'gpt-5.1', name: 'openai/gpt-5.1' } },
];

describe.each(cases)('a $dialect request for $traits.name', ({ dialect, traits, habits, losses: excuses }) => {
  const write = (conversation: Conversation) => targetHalves[dialect].writeRequest(conversation, traits);
  const read = (body: JsonObject) => clientHalves[dialect].readRequest(body);

  it('says what was said, but for what the losses name', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        const { body, losses, jsonTool } = write(conversation);
        const before = factsOf(conversation);
        const after = factsOf(read(body));
        const excused = [...habits, ...standIn(jsonTool), ...losses.flatMap(({ feature }) => excuses[feature] ?? [])];
        const different = [...missing(before, after), ...missing(after, before).map((fact) => `new: ${fact}`)];
        const silent = different.filter((fact) => !excused.some((excuse) => excuse.test(fact.replace(/^new: /, ''))));
        expect(silent).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the order of what it keeps', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        const before = spokenFacts(factsOf(conversation));
        const after = spokenFacts(factsOf(read(write(conversation).body)));
        expect(after.filter((fact) => before.includes(fact))).toEqual(before.filter((fact) => after.includes(fact)));
      }),
      { numRuns: 100 },
    );
  });

  it('is the same each time that it is read and written again', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        // The first crossing may join turns that stood apart, where all that was between them is lost.
        const { body } = write(read(write(conversation).body));
        expect(write(read(body)).body).toEqual(body);
      }),
      { numRuns: 100 },
    );
  });

  it('is JSON and nothing else', () => {
    fc.assert(
      fc.property(conversations, (conversation) => {
        const { body } = write(conversation);
        expect(JSON.parse(JSON.stringify(body))).toEqual(body);
      }),
      { numRuns: 50 },
    );
  });
});

/** The tool that stands in for a schema, and must be called, is written in its place. */
function standIn(jsonTool: string | undefined): RegExp[] {
  return jsonTool === undefined
    ? []
    : [/^output (?:json-)?schema/, new RegExp(`^tool ${jsonTool} `), /^option toolChoice /];
}

function missing(facts: readonly string[], others: readonly string[]): string[] {
  const there = new Set(others);
  return facts.filter((fact) => !there.has(fact));
}

/** The texts and calls, each of which is unique. */
function spokenFacts(facts: readonly string[]): string[] {
  return facts.filter((fact) => /^(?:(?:user|assistant|system|result|thinking).*“|call |result of )/s.test(fact));
}
