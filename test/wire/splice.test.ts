import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanEnvelope, type Envelope } from '../../src/wire/scan.ts';
import { insertKey, renameKey, setKey, spliceModel, spliceValues } from '../../src/wire/splice.ts';
import { decode, encode } from './text.ts';

const keys = ['model', 'stream_options'];

function edited(text: string, edit: (body: Uint8Array, envelope: Envelope) => Uint8Array): string {
  const body = encode(text);
  return decode(edit(body, scanEnvelope(body, keys)));
}

const renamed = (body: Uint8Array, envelope: Envelope): Uint8Array =>
  spliceValues(body, renameKey(envelope, 'stream_options', 'other'));

describe('renameKey', () => {
  it.each<[string, string, string]>([
    [
      'gives the member another name and keeps its value',
      '{"stream_options" : {"a":1},"x":1}',
      '{"other" : {"a":1},"x":1}',
    ],
    ['finds the key under its escapes', '{"stream\\u005foptions":1}', '{"other":1}'],
    ['does nothing where the member is not', '{"x":{"stream_options":1}}', '{"x":{"stream_options":1}}'],
  ])('%s', (_, text, expected) => {
    expect(edited(text, renamed)).toBe(expected);
  });
});

describe('spliceModel', () => {
  it.each<[string, string, string]>([
    ['replaces the value', '{ "model" : "a" , "x":"a"}', '{ "model" : "ü\\"" , "x":"a"}'],
    ['replaces whatever the value is', '{"model":[1,2]}', '{"model":"ü\\""}'],
    ['adds the model where there is none', '{"x":1}', '{"x":1,"model":"ü\\""}'],
    ['adds the model to nothing', '{ }', '{"model":"ü\\"" }'],
    [
      'keeps numbers, key order and escapes',
      '{"10":1e400,"2":-0,"model":"a","s":9007199254740993,"t":"\\ud800"}',
      '{"10":1e400,"2":-0,"model":"ü\\"","s":9007199254740993,"t":"\\ud800"}',
    ],
  ])('%s', (_, text, expected) => {
    expect(edited(text, (body, envelope) => spliceModel(body, envelope, 'ü"'))).toBe(expected);
  });

  it('keeps bytes that are not UTF-8', () => {
    const body = new Uint8Array([...encode('{"x":"'), 0xff, ...encode('","model":"a"}')]);
    const spliced = spliceModel(body, scanEnvelope(body, keys), 'b');
    expect([...spliced]).toEqual([...encode('{"x":"'), 0xff, ...encode('","model":"b"}')]);
  });

  it('changes the model and no other byte, for any body', () => {
    const rest = fc.dictionary(fc.string(), fc.jsonValue({ stringUnit: 'grapheme' }));
    fc.assert(
      fc.property(
        rest,
        rest,
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'grapheme' }),
        (before, after, old, model) => {
          const [head, tail] = [inner({ ...before, model: undefined }), inner({ ...after, model: undefined })];
          const withModel = (name: string): string =>
            `{${head}"model":${JSON.stringify(name)}${tail === '' ? '' : `,${tail.slice(0, -1)}`}}`;
          const spliced = edited(withModel(old), (body, envelope) => spliceModel(body, envelope, model));
          expect(spliced).toBe(withModel(model));
        },
      ),
    );
  });
});

/** The members of an object as JSON text, each with a comma behind it. */
function inner(object: object): string {
  const text = JSON.stringify(object).slice(1, -1);
  return text === '' ? '' : `${text},`;
}

describe('insertKey', () => {
  it.each<[string, string, string]>([
    ['puts a new key last', '{"model":"a" \n}', '{"model":"a","stream_options":{"include_usage":true} \n}'],
    ['puts a key into an empty object', '{}', '{"stream_options":{"include_usage":true}}'],
    [
      'replaces a key that is there',
      '{"stream_options":null,"x":1}',
      '{"stream_options":{"include_usage":true},"x":1}',
    ],
    ['counts a BOM', '\uFEFF{"x":1}', '\uFEFF{"x":1,"stream_options":{"include_usage":true}}'],
  ])('%s', (_, text, expected) => {
    expect(
      edited(text, (body, envelope) => insertKey(body, envelope, 'stream_options', '{"include_usage":true}')),
    ).toBe(expected);
  });
});

describe('spliceValues', () => {
  it('makes several edits in one copy, in any order', () => {
    const spliced = edited('{"x":1,"model":"a"}', (body, envelope) =>
      spliceValues(body, [setKey(envelope, 'stream_options', '{}'), setKey(envelope, 'model', '"bb"')]),
    );
    expect(spliced).toBe('{"x":1,"model":"bb","stream_options":{}}');
  });

  it('copies a body without edits', () => {
    const body = encode('{"a":1}');
    const copy = spliceValues(body, []);
    expect(copy).toEqual(body);
    expect(copy).not.toBe(body);
  });
});
