import { describe, expect, it } from 'vitest';
import type { Conversation, Reasoning } from '../../../src/core/conversation.ts';
import { messagesTarget } from '../../../src/dialects/messages/index.ts';
import { findModel } from '../../../src/dialects/messages/models.ts';
import { conversation } from './fixture.ts';

function write(more: Partial<Conversation>, model: string) {
  const { body, losses } = messagesTarget.writeRequest(conversation(more), { model, name: 'x' });
  const { max_tokens, thinking, output_config, temperature, tool_choice } = body;
  return {
    max_tokens,
    ...(thinking !== undefined && { thinking }),
    ...(output_config !== undefined && { output_config }),
    ...(temperature !== undefined && { temperature }),
    ...(tool_choice !== undefined && { tool_choice }),
    losses: losses.map(({ feature }) => feature),
  };
}

const enabled = (budget_tokens: number) => ({ type: 'enabled', budget_tokens });

describe('models with a budget', () => {
  it.each<[string, Reasoning, number | undefined, number, number, string[]]>([
    ['an effort by our table', { effort: 'high' }, undefined, 16_384, 64_000, []],
    ['minimal as low', { effort: 'minimal' }, undefined, 4096, 64_000, []],
    ['an unknown effort as medium', { effort: 'heroic' }, undefined, 8192, 64_000, []],
    ['half of a small room', { effort: 'high' }, 8000, 4000, 8000, []],
    ['the least budget, with more room where there is none', { effort: 'low' }, 500, 1024, 1524, []],
    ['the caller’s own budget', { mode: 'on', budgetTokens: 9000 }, 10_000, 9000, 10_000, []],
    ['a budget beyond max_tokens', { mode: 'on', budgetTokens: 9000 }, 8000, 4000, 8000, ['thinking.budget_tokens']],
    ['a budget below the least', { mode: 'on', budgetTokens: 10 }, 8000, 1024, 8000, ['thinking.budget_tokens']],
    ['adaptive as a medium budget', { mode: 'adaptive' }, undefined, 8192, 64_000, []],
  ])('get %s', (_name, reasoning, maxOutputTokens, budget, maxTokens, losses) => {
    const more = { reasoning, ...(maxOutputTokens !== undefined && { maxOutputTokens }) };
    expect(write(more, 'claude-sonnet-4-20250514')).toEqual({
      max_tokens: maxTokens,
      thinking: enabled(budget),
      losses,
    });
  });

  it('get the effort, too, where they know it', () => {
    expect(write({ reasoning: { effort: 'xhigh' } }, 'claude-opus-4-5')).toEqual({
      max_tokens: 64_000,
      thinking: enabled(32_000),
      output_config: { effort: 'high' },
      losses: ['reasoning effort'],
    });
  });

  it('take no temperature while they think, and say so', () => {
    const more = { reasoning: { effort: 'low' }, sampling: { temperature: 0.2 } };
    expect(write(more, 'claude-sonnet-4-5')).toEqual({
      max_tokens: 64_000,
      thinking: enabled(4096),
      losses: ['temperature'],
    });
  });

  it('do not think beside a forced tool', () => {
    const tools = [{ name: 'look', parameters: { type: 'object' } }];
    const more = { reasoning: { effort: 'low' }, tools, toolChoice: { type: 'required' } as const };
    expect(write(more, 'claude-sonnet-4-5')).toEqual({
      max_tokens: 64_000,
      tool_choice: { type: 'any' },
      losses: ['reasoning beside a forced tool'],
    });
  });

  it('are told nothing when thinking is off', () => {
    expect(write({ reasoning: { effort: 'none' }, sampling: { temperature: 0 } }, 'claude-sonnet-4-5')).toEqual({
      max_tokens: 64_000,
      temperature: 0,
      losses: [],
    });
  });

  it('always show their thinking', () => {
    expect(write({ reasoning: { effort: 'low', summary: 'omitted' } }, 'claude-sonnet-4-5').losses).toEqual([
      'thinking.display',
    ]);
  });
});

describe('adaptive models', () => {
  const adaptive = { type: 'adaptive' };

  it.each<[string, Reasoning, object, object | undefined, string[]]>([
    ['claude-opus-4-6', { effort: 'medium' }, adaptive, { effort: 'medium' }, []],
    ['claude-opus-4-6', { effort: 'xhigh' }, adaptive, { effort: 'high' }, ['reasoning effort']],
    ['claude-opus-4-7', { effort: 'xhigh' }, adaptive, { effort: 'xhigh' }, []],
    ['claude-opus-4-7', { effort: 'minimal' }, adaptive, { effort: 'low' }, ['reasoning effort']],
    ['claude-opus-4-7', { effort: 'heroic' }, adaptive, undefined, ['reasoning effort']],
    ['claude-opus-4-6', { mode: 'on', budgetTokens: 5000 }, enabled(5000), undefined, []],
    ['claude-opus-5', { mode: 'on', budgetTokens: 20_000 }, adaptive, { effort: 'high' }, ['thinking.budget_tokens']],
    ['claude-opus-5', { mode: 'on', budgetTokens: 1024 }, adaptive, { effort: 'low' }, ['thinking.budget_tokens']],
    ['claude-opus-5', { summary: 'auto' }, { ...adaptive, display: 'summarized' }, undefined, []],
    ['claude-opus-5', { mode: 'adaptive', summary: 'omitted' }, { ...adaptive, display: 'omitted' }, undefined, []],
    ['claude-opus-5', { mode: 'off' }, { type: 'disabled' }, undefined, []],
    ['claude-opus-5', { mode: 'off', effort: 'max' }, { type: 'disabled' }, { effort: 'high' }, ['reasoning effort']],
    ['claude-sonnet-5-5', { effort: 'none' }, { type: 'between_tools' }, undefined, []],
  ])('%s: %j', (model, reasoning, thinking, output, losses) => {
    expect(write({ reasoning }, model)).toEqual({
      max_tokens: 128_000,
      thinking,
      ...(output !== undefined && { output_config: output }),
      losses,
    });
  });

  it('that always think get the least effort instead of none', () => {
    expect(write({ reasoning: { effort: 'none' } }, 'claude-fable-5-1')).toEqual({
      max_tokens: 128_000,
      output_config: { effort: 'low' },
      losses: ['reasoning off'],
    });
  });

  it('that think by default do not beside a forced tool', () => {
    const tools = [{ name: 'look', parameters: { type: 'object' } }];
    expect(write({ tools, toolChoice: { type: 'required' } }, 'claude-opus-5')).toEqual({
      max_tokens: 128_000,
      thinking: { type: 'disabled' },
      tool_choice: { type: 'any' },
      losses: [],
    });
  });
});

describe('models that do not think', () => {
  it('lose the wish', () => {
    expect(write({ reasoning: { effort: 'high' } }, 'claude-3-5-haiku-20241022')).toEqual({
      max_tokens: 8192,
      losses: ['reasoning'],
    });
  });
});

describe('findModel', () => {
  it.each([
    ['claude-3-opus-20240229', 4096],
    ['claude-3-7-sonnet-20250219', 64_000],
    ['claude-opus-4-20250514', 32_000],
    ['claude-opus-4.1', 32_000],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 64_000],
    ['anthropic/claude-sonnet-4.6', 128_000],
    ['Claude-Haiku-4-5', 64_000],
    ['claude-haiku-5-5', 128_000],
    ['claude-of-tomorrow-9', 128_000],
    ['someone-elses-model', 8192],
    ['', 8192],
  ])('knows that %s gives at most %i tokens', (id, tokens) => {
    expect(findModel(id).maxOutputTokens).toBe(tokens);
  });

  it('takes an unknown Claude for one of the strictest', () => {
    expect(findModel('claude-of-tomorrow-9')).toMatchObject({ sampling: 'none', forcedTools: false, budget: false });
  });
});
