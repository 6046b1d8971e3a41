import { describe, expect, it } from 'vitest';
import type { ImagePart, FilePart, Turn } from '../../../src/core/conversation.ts';
import { RouterError } from '../../../src/core/failure.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { responsesClient } from '../../../src/dialects/responses/index.ts';
import { sealThinking } from '../../../src/dialects/responses/seal.ts';

const read = (...input: JsonObject[]) => responsesClient.readRequest({ model: 'm', input });
const turns = (...input: JsonObject[]) => read(...input).turns;
const user = (text: string): Turn => ({ role: 'user', parts: [{ type: 'text', text }] });
const call = (call_id: string): JsonObject => ({ type: 'function_call', call_id, name: 'f', arguments: '{}' });
const result = (call_id: string, output: JsonObject | string | JsonObject[]): JsonObject => ({
  type: 'function_call_output',
  call_id,
  output,
});

function paramOf(item: JsonObject): unknown {
  try {
    return read(item);
  } catch (error) {
    return error instanceof RouterError && error.failure.kind === 'bad-request' ? error.failure.param : error;
  }
}

describe('messages', () => {
  it('reads every role, with and without a type, in order', () => {
    expect(
      turns(
        { role: 'developer', content: 'd' },
        { type: 'message', role: 'system', content: [{ type: 'input_text', text: 's' }] },
        { role: 'user', content: 'u1' },
        { role: 'user', content: [{ type: 'input_text', text: 'u2' }] },
      ),
    ).toEqual([
      { role: 'developer', parts: [{ type: 'text', text: 'd' }] },
      { role: 'system', parts: [{ type: 'text', text: 's' }] },
      user('u1'),
      user('u2'),
    ]);
  });

  it.each<[string, JsonObject, ImagePart['source'] | FilePart['source']]>([
    ['image URL', { type: 'input_image', image_url: 'https://x/i.png' }, { kind: 'url', url: 'https://x/i.png' }],
    [
      'image in place',
      { type: 'input_image', image_url: 'data:image/png;base64,iVBO' },
      { kind: 'data', mediaType: 'image/png', data: 'iVBO' },
    ],
    ['image by id', { type: 'input_image', file_id: 'file-1' }, { kind: 'file', id: 'file-1' }],
    ['file URL', { type: 'input_file', file_url: 'https://x/f.pdf' }, { kind: 'url', url: 'https://x/f.pdf' }],
    [
      'file in place',
      { type: 'input_file', file_data: 'data:text/csv;base64,YQ==' },
      { kind: 'data', mediaType: 'text/csv', data: 'YQ==' },
    ],
    [
      'bare base64',
      { type: 'input_file', file_data: 'JVBE' },
      { kind: 'data', mediaType: 'application/octet-stream', data: 'JVBE' },
    ],
  ])('reads an %s', (_, part, source) => {
    expect(turns({ role: 'user', content: [part] })).toEqual([
      { role: 'user', parts: [{ type: part.type === 'input_image' ? 'image' : 'file', source }] },
    ]);
  });

  it('keeps detail, names and audio', () => {
    const content = [
      { type: 'input_image', image_url: 'https://x/i.png', detail: 'low' },
      { type: 'input_file', file_data: 'JVBE', filename: 'A.PDF' },
      { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
    ];
    expect(turns({ role: 'user', content })).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'image', source: { kind: 'url', url: 'https://x/i.png' }, detail: 'low' },
          { type: 'file', source: { kind: 'data', mediaType: 'application/pdf', data: 'JVBE' }, name: 'A.PDF' },
          { type: 'audio', data: 'UklG', format: 'wav' },
        ],
      },
    ]);
  });

  it('leaves out empty text and turns that hold nothing', () => {
    expect(
      turns({ role: 'user', content: '' }, { role: 'assistant', content: [] }, { role: 'user', content: 'a' }),
    ).toEqual([user('a')]);
  });
});

describe('turns of an agent', () => {
  it('merges one answer’s items into one turn, and results into one user turn', () => {
    expect(
      turns(
        { role: 'user', content: 'u' },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
          encrypted_content: 'gAAA',
        },
        {
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'Looking.' },
            { type: 'refusal', refusal: 'No.' },
          ],
        },
        call('c1'),
        call('c2'),
        result('c1', 'one'),
        result('c2', [
          { type: 'input_text', text: 'two' },
          { type: 'input_image', image_url: 'https://x/i.png' },
        ]),
        { role: 'user', content: 'next' },
      ),
    ).toEqual([
      user('u'),
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', text: 'a\n\nb', encrypted: 'gAAA', id: 'rs_1' },
          { type: 'text', text: 'Looking.' },
          { type: 'refusal', text: 'No.' },
          { type: 'tool-call', id: 'c1', name: 'f', arguments: '{}' },
          { type: 'tool-call', id: 'c2', name: 'f', arguments: '{}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'one' }] },
          {
            type: 'tool-result',
            callId: 'c2',
            content: [
              { type: 'text', text: 'two' },
              { type: 'image', source: { kind: 'url', url: 'https://x/i.png' } },
            ],
          },
        ],
      },
      user('next'),
    ]);
  });

  it('starts a new answer after results', () => {
    expect(turns(call('c1'), result('c1', ''), call('c2')).map((turn) => turn.role)).toEqual([
      'assistant',
      'user',
      'assistant',
    ]);
  });

  it('unseals another vendor’s thinking and leaves out reasoning that says nothing', () => {
    const encrypted_content = sealThinking({ signature: 'sig' });
    const summary = [{ type: 'summary_text', text: 'Hm' }];
    expect(
      turns(
        { type: 'reasoning', summary, encrypted_content },
        { type: 'reasoning', id: 'rs', summary: [] },
        { type: 'reasoning', summary: [], encrypted_content: 'router.thinking.v1.broken' },
      ),
    ).toEqual([{ role: 'assistant', parts: [{ type: 'thinking', text: 'Hm', signature: 'sig' }] }]);
  });
});

describe('what has no neutral form', () => {
  it.each<[JsonObject, string]>([
    [
      { type: 'item_reference', id: 'msg_1' },
      'input[].type item_reference (the router keeps no items: with store: false clients send them whole)',
    ],
    [{ type: 'web_search_call', id: 'ws_1' }, 'input[].type web_search_call'],
    [{ type: 'custom_tool_call', call_id: 'c', name: 'n', input: '' }, 'input[].type custom_tool_call'],
    [{ type: 'bad\r\nheader: 1' }, 'input[].type unknown'],
    [{ role: 'user', content: [{ type: 'input_video', url: 'x' }] }, 'input[].content[].type input_video'],
    [{ role: 'system', content: [{ type: 'input_image', image_url: 'x' }] }, 'input[].content[].type input_image'],
    [result('c', [{ type: 'refusal', refusal: 'x' }]), 'input[].content[].type refusal'],
  ])('names %j', (item, feature) => {
    const { unread, unreadMarks } = read(item);
    expect([unread, unreadMarks]).toEqual([[feature], undefined]);
  });

  it('marks as harmless what only OpenAI’s own models and caches are told', () => {
    const content = [{ type: 'output_text', text: 'x', annotations: [{ type: 'url_citation' }] }];
    const asked = [{ type: 'input_text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit' } }];
    const { unreadMarks } = read({ role: 'assistant', content, phase: 'commentary' }, { role: 'user', content: asked });
    expect(unreadMarks).toEqual(
      new Map([
        ['input[].phase', 'harmless'],
        ['input[].content[].annotations', 'harmless'],
        ['input[].content[].prompt_cache_breakpoint', 'harmless'],
      ]),
    );
  });
});

describe('items that break the dialect', () => {
  it.each<[JsonObject, string]>([
    [{ role: 'tool', content: 'x' }, 'input[0].role'],
    [{ role: 'user' }, 'input[0].content'],
    [{ role: 'user', content: 3 }, 'input[0].content'],
    [{ role: 'user', content: ['x'] }, 'input[0].content[0]'],
    [{ role: 'user', content: [{ type: 'input_text' }] }, 'input[0].content[0].text'],
    [{ role: 'user', content: [{ type: 'input_image' }] }, 'input[0].content[0]'],
    [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }, 'input[0].content[0].input_audio.data'],
    [{ type: 'function_call', name: 'f', arguments: '{}' }, 'input[0].call_id'],
    [{ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }, 'input[0].arguments'],
    [{ type: 'function_call_output', call_id: 'c' }, 'input[0].output'],
    [{ type: 'reasoning', summary: 'x' }, 'input[0].summary'],
  ])('names the place in %j', (item, param) => {
    expect(paramOf(item)).toBe(param);
  });
});
