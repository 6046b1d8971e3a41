import type { Call } from './core/call.ts';
import { isConversation, type ConversationDialect } from './core/dialect.ts';
import { findProvider } from './core/providers.ts';
import type { Target } from './core/target.ts';
import type { Plan } from './policy/plan.ts';
import { scanEnvelope, type Envelope } from './wire/scan.ts';
import { renameKey, setKey, spliceValues, type Edit } from './wire/splice.ts';

/** The request fields that policy parameters stand for, by dialect. The first is written where the caller sent none. */
const parameterFields: Readonly<Record<ConversationDialect, { tokens: readonly [string, ...string[]] }>> = {
  chat: { tokens: ['max_completion_tokens', 'max_tokens'] },
  messages: { tokens: ['max_tokens'] },
  responses: { tokens: ['max_output_tokens'] },
};

/** Applies the policy's defaults and caps, and the target's name for the cap, by splicing: all other bytes stay. */
export function applyParameters(call: Call, plan: Plan, target: Target): { body: Uint8Array; envelope: Envelope } {
  const envelope = scanEnvelope(call.body, envelopeKeys);
  const { defaults = {}, caps = {} } = plan.parameters;
  if (!isConversation(call.dialect) || call.endpoint === 'count-tokens') return { body: call.body, envelope };
  const edits = [
    ...tokenEdits(envelope, {
      fields: tokenFieldsOf(call.dialect, target),
      cap: caps.maxOutputTokens,
      preset: defaults.maxOutputTokens,
    }),
    ...presetEdits(envelope, { temperature: defaults.temperature, top_p: defaults.topP }),
    ...capEdits(call, envelope, target),
  ];
  if (edits.length === 0) return { body: call.body, envelope };
  const body = spliceValues(call.body, edits);
  return { body, envelope: scanEnvelope(body, envelopeKeys) };
}

/** Every key that the router itself reads or writes at the top level of a body; asking for it refuses it twice (T39). */
export const envelopeKeys = [
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'temperature',
  'top_p',
  'n',
  'tools',
  'metadata',
  'prompt_cache_key',
  'session_id',
  'service_tier',
  'background',
] as const;

function tokenFieldsOf(dialect: ConversationDialect, target: Target): readonly [string, ...string[]] {
  const preferred = findProvider(target.provider)?.maxTokensField;
  const { tokens } = parameterFields[dialect];
  return dialect === 'chat' && preferred === 'max_tokens' ? ['max_tokens', 'max_completion_tokens'] : tokens;
}

/**
 * OpenAI's reasoning models refuse `max_tokens`, which opencode and every client of the older API send: on a relayed chat request to a
 * provider that takes `max_completion_tokens` the member gets that name. A translated one gets the target's field anyway.
 */
function capEdits(call: Call, envelope: Envelope, target: Target): Edit[] {
  const isRelayed = call.dialect === 'chat' && target.dialect === 'chat';
  if (!isRelayed || findProvider(target.provider)?.maxTokensField !== 'max_completion_tokens') return [];
  return envelope.fields.has('max_completion_tokens') ? [] : renameKey(envelope, 'max_tokens', 'max_completion_tokens');
}

function tokenEdits(
  envelope: Envelope,
  rule: { fields: readonly [string, ...string[]]; cap: number | undefined; preset: number | undefined },
): Edit[] {
  const { fields, cap, preset } = rule;
  const sent = fields.filter((name) => envelope.fields.has(name) && envelope.fields.get(name)?.value !== null);
  const wanted = preset === undefined ? cap : Math.min(preset, cap ?? preset);
  if (sent.length === 0) return wanted === undefined ? [] : [setKey(envelope, fields[0], String(wanted))];
  if (cap === undefined) return [];
  return sent
    .filter((name) => !isWithin(envelope.fields.get(name)?.value, cap))
    .map((name) => setKey(envelope, name, String(cap)));
}

/** A count from 0 to the cap. `-1`, which some servers take for no limit, and what is no number at all get the cap. */
function isWithin(value: unknown, cap: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= cap;
}

function presetEdits(envelope: Envelope, presets: Record<string, number | undefined>): Edit[] {
  return Object.entries(presets)
    .filter(([name, value]) => value !== undefined && !envelope.fields.has(name))
    .map(([name, value]) => setKey(envelope, name, String(value)));
}
