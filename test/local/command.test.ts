import { describe, expect, it } from 'vitest';
import { readScript } from '../../src/local/command.ts';

describe('the grammar of commands', () => {
  it.each([
    ['hello there', [], 2],
    ['!think', [{ name: 'think' }], 0],
    ['please !think hard', [{ name: 'think' }], 2],
    ['what!think', [], 1],
    ['!unknown word', [], 2],
    ['! think', [], 2],
    ['!say a b\nc', [{ name: 'say', text: 'a b' }], 1],
    ['!say', [{ name: 'say' }], 0],
    ['!long 5', [{ name: 'long', count: 5 }], 0],
    ['!cut', [{ name: 'cut' }], 0],
    ['!cut now', [{ name: 'cut' }], 1],
    ['!cut 0 !split', [{ name: 'cut', count: 0 }, { name: 'split' }], 0],
    ['!fail 429', [{ name: 'fail', count: 429 }], 0],
    ['!fail 429 2003', [{ name: 'fail', count: 429, word: '2003' }], 0],
    [
      '!fail 500 !retry-after 7',
      [
        { name: 'fail', count: 500 },
        { name: 'retry-after', count: 7 },
      ],
      0,
    ],
    ['!fail-stream rate_limit_error', [{ name: 'fail-stream', word: 'rate_limit_error' }], 0],
    ['!tool f', [{ name: 'tool', word: 'f' }], 0],
    ['!tool f {"a": "} \\" {"} rest', [{ name: 'tool', word: 'f', text: '{"a": "} \\" {"}' }], 1],
    ['!tool f {"a":', [{ name: 'tool', word: 'f' }], 1],
    [
      '!tool f {} !tool g [1,[2]]',
      [
        { name: 'tool', word: 'f', text: '{}' },
        { name: 'tool', word: 'g', text: '[1,[2]]' },
      ],
      0,
    ],
    ['!json {"a":[{"b":1}]}', [{ name: 'json', text: '{"a":[{"b":1}]}' }], 0],
    [
      '!only gpt-5 !html 520',
      [
        { name: 'only', word: 'gpt-5' },
        { name: 'html', count: 520 },
      ],
      0,
    ],
  ])('reads %j', (text, commands, words) => {
    expect(readScript(text)).toEqual({ commands, words });
  });
});
