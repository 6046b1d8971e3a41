import { describe, expect, it } from 'vitest';
import { createSequence } from '../../../src/dialects/responses/sequence.ts';
import type { Step } from '../../../src/dialects/responses/sequence.ts';

const start: Step = { start: { part: 'text' } };
const say = (text: string): Step => ({ delta: { text } });
const started = (index: number) => ({ type: 'part-start', index, part: 'text' });
const said = (index: number, text: string) => ({ type: 'part-delta', index, delta: { text } });
const ended = (index: number) => ({ type: 'part-end', index });

describe('items side by side', () => {
  it('lets the oldest through at once and numbers parts over all items', () => {
    const sequence = createSequence();
    const first = sequence.open();
    const out = [
      sequence.add(first, [start, say('a'), 'end', start]),
      sequence.add(first, ['end']),
      sequence.close(first),
    ];
    const second = sequence.open();
    expect([...out, sequence.add(second, [start])]).toEqual([
      [started(0), said(0, 'a'), ended(0), started(1)],
      [ended(1)],
      [],
      [started(2)],
    ]);
  });

  it('holds later items back, whole, until those before are closed', () => {
    const sequence = createSequence();
    const [first, second, third] = [sequence.open(), sequence.open(), sequence.open()];
    const held = [
      sequence.add(third, [start, say('c'), 'end']),
      sequence.close(third),
      sequence.add(second, [start, say('b')]),
      sequence.add(first, [start, say('a'), 'end']),
    ];
    const waiting = sequence.heldSteps;
    const released = [sequence.close(first), sequence.add(second, ['end']), sequence.close(second)];
    expect([held, waiting, released, sequence.heldSteps]).toEqual([
      [[], [], [], [started(0), said(0, 'a'), ended(0)]],
      5,
      [[started(1), said(1, 'b')], [ended(1)], [started(2), said(2, 'c'), ended(2)]],
      0,
    ]);
  });
});
