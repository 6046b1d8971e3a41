import { describe, expect, it } from 'vitest';
import { jsonText, readSource } from '../../../src/cli/policy/source.ts';

describe('readSource', () => {
  it('reads comments, trailing commas and the $schema of an editor', () => {
    const source = readSource('{ // why\n  "$schema": "./x.json",\n  "a": [1, 2,], /* and */\n}');
    expect([source.value, source.faults]).toEqual([{ a: [1, 2] }, []]);
  });

  it.each([
    ['{', 1, 2, 'is not valid JSON here: close brace expected'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'is not valid JSON here: comma expected'],
    ["{ 'a': 1 }", 1, 3, 'is not valid JSON here: invalid symbol'],
    ['', 1, 1, 'is not valid JSON here: value expected'],
    ['{} {}', 1, 4, 'is not valid JSON here: end of file expected'],
  ])('says where %j is no JSON', (text, line, column, message) => {
    const source = readSource(text);
    expect([source.value, source.faults]).toEqual([undefined, [{ line, column, message }]]);
  });

  it('says where a name stands twice, in whichever depth', () => {
    const source = readSource('{ "a": 1,\n "b": { "c": 1, "c": 2 },\n "a": 2 }');
    expect(source.faults).toEqual([
      { line: 2, column: 17, message: '"c" stands here twice; leave one out' },
      { line: 3, column: 2, message: '"a" stands here twice; leave one out' },
    ]);
  });

  it.each([
    [['a', 1, 'b'], 2, 16],
    [['a', 1, 'missing'], 2, 9],
    [['a', 7], 1, 8],
    [['nothing'], 1, 1],
    [[], 1, 1],
  ])('finds %j or what is nearest to it', (path, line, column) => {
    expect(readSource('{ "a": [1,\n        { "b": 2 }] }').positionOf(path)).toEqual({ line, column });
  });

  it('finds the name of a property', () => {
    const source = readSource('{ "a": { "b": 1,\n "c": 2 } }');
    expect([source.positionOfName(['a'], 'c'), source.positionOfName(['a'], 'd')]).toEqual([
      { line: 2, column: 2 },
      { line: 1, column: 8 },
    ]);
  });
});

describe('jsonText', () => {
  it.each([
    ['keeps JSON as it is written', '{"b":1,\n "a":  2}', '{"b":1,\n "a":  2}'],
    ['takes comments out', '{"a": 1 /* one */, // two\n}', '{\n  "a": 1\n}\n'],
    ['takes $schema out', '{"$schema": "./x.json", "a": 1}', '{\n  "a": 1\n}\n'],
    ['leaves alone what is no JSON', '{"a": ', '{"a": '],
  ])('%s', (_, text, kept) => {
    expect(jsonText(readSource(text))).toBe(kept);
  });
});
