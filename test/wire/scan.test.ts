import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouterError, type Failure } from '../../src/core/failure.ts';
import { scanEnvelope, withoutBom, type Envelope, type Field } from '../../src/wire/scan.ts';
import { encode } from './text.ts';

const scan = (text: string, keys = ['model', 'stream']): Envelope => scanEnvelope(encode(text), keys);
const fieldsOf = (text: string, keys?: string[]): Record<string, Field> => Object.fromEntries(scan(text, keys).fields);

function failureOf(run: () => unknown): Failure {
  try {
    run();
  } catch (error) {
    if (error instanceof RouterError) return error.failure;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const refusal = (message: string, code = 'invalid_json', param?: string): Failure => ({
  kind: 'bad-request',
  message: `Cannot read the body: ${message}`,
  code,
  ...(param !== undefined && { param }),
});

describe('scanEnvelope', () => {
  it.each<[string, string, Record<string, Field>]>([
    [
      'finds scalars',
      '{"model":"a","stream":true}',
      {
        model: { key: { start: 1, end: 8 }, start: 9, end: 12, value: 'a' },
        stream: { key: { start: 13, end: 21 }, start: 22, end: 26, value: true },
      },
    ],
    [
      'takes white space anywhere',
      ' { "model"\t:\r\n"a" } \n',
      { model: { key: { start: 3, end: 10 }, start: 14, end: 17, value: 'a' } },
    ],
    [
      'decodes strings',
      '{"model":"\\u0061é🙂\\n"}',
      { model: { key: { start: 1, end: 8 }, start: 9, end: 25, value: 'aé🙂\n' } },
    ],
    [
      'gives no value for an object',
      '{"model":{"a":[1]}}',
      { model: { key: { start: 1, end: 8 }, start: 9, end: 18, value: undefined } },
    ],
    [
      'gives null and numbers',
      '{"model":null,"stream":-1.5e3}',
      {
        model: { key: { start: 1, end: 8 }, start: 9, end: 13, value: null },
        stream: { key: { start: 14, end: 22 }, start: 23, end: 29, value: -1500 },
      },
    ],
    ['finds nothing where nothing is', '{}', {}],
    [
      'skips nested keys',
      '{"x":{"model":"no"},"y":[{"model":"no"}],"model":"a"}',
      { model: { key: { start: 41, end: 48 }, start: 49, end: 52, value: 'a' } },
    ],
    [
      'is not fooled by strings',
      '{"x":"\\"model\\":\\"no\\",}{[\\\\","model":"a"}',
      { model: { key: { start: 30, end: 37 }, start: 38, end: 41, value: 'a' } },
    ],
    [
      'decodes escapes in a key',
      '{"mod\\u0065l":"a"}',
      { model: { key: { start: 1, end: 13 }, start: 14, end: 17, value: 'a' } },
    ],
    ['skips a BOM', '\uFEFF{"model":"a"}', { model: { key: { start: 4, end: 11 }, start: 12, end: 15, value: 'a' } }],
    ['keeps away from prototypes', '{"__proto__":{"model":"no"},"constructor":1}', {}],
  ])('%s', (_, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  it('is not fooled by quotes and backslashes in a string of any length', () => {
    for (let length = 0; length < 300; length += 1) {
      const value = `${'x'.repeat(length)}\\\\\\"${'\\'.repeat((length % 5) * 2)}`;
      expect(scan(`{"x":"${value}","model":"a"}`).fields.get('model')?.value).toBe('a');
    }
  });

  it.each<[string, string, Failure]>([
    ['an empty body', '', refusal('it is empty. Send a JSON object.')],
    ['white space', ' \n', refusal('it is empty. Send a JSON object.')],
    ['an array', '[{"model":"a"}]', refusal('it is not a JSON object.')],
    ['a string', '"model"', refusal('it is not a JSON object.')],
    ['NaN', 'NaN', refusal('it is not a JSON object.')],
    ['a comment', '/* */{}', refusal('it is not a JSON object.')],
    ['a cut string', '{"model":"a', refusal('its JSON is cut short.')],
    ['a string cut in an escape', '{"model":"a\\', refusal('its JSON is cut short.')],
    ['a cut object', '{"model":"a"', refusal('its JSON is cut short.')],
    ['a cut nested value', '{"x":[{"y":1}', refusal('its JSON is cut short.')],
    ['a missing value', '{"model":', refusal('its JSON is cut short.')],
    ['a lone brace', '{', refusal('its JSON is cut short.')],
    ['a trailing comma', '{"model":"a",}', refusal('its JSON is malformed at byte 13.')],
    ['a missing comma', '{"model":"a" "stream":true}', refusal('its JSON is malformed at byte 13.')],
    ['a missing colon', '{"model" "a"}', refusal('its JSON is malformed at byte 9.')],
    ['a bare key', '{model:"a"}', refusal('its JSON is malformed at byte 1.')],
    ['crossed brackets', '{"x":[{]}}', refusal('its JSON is malformed at byte 7.')],
    ['two documents', '{"model":"a"}{"model":"b"}', refusal('its JSON is malformed at byte 13.')],
    ['a quote inside a literal', '{"x":1"model":"a"}', refusal('its JSON is malformed at byte 6.')],
    ['a key with a broken escape', '{"mod\\xel":"a"}', refusal('its JSON is malformed at byte 2.')],
    [
      'an asked value that is no JSON',
      '{"model":nope}',
      refusal('the value of "model" is not JSON.', 'invalid_json', 'model'),
    ],
    [
      'a raw line break in an asked value',
      '{"model":"a\nb"}',
      refusal('the value of "model" is not JSON.', 'invalid_json', 'model'),
    ],
    [
      'a repeated key',
      '{"model":"cheap","model":"dear"}',
      refusal('"model" stands in it more than once. Send it once.', 'repeated_field', 'model'),
    ],
    [
      'a key repeated in escapes',
      '{"model":"cheap","mod\\u0065l":"dear"}',
      refusal('"model" stands in it more than once. Send it once.', 'repeated_field', 'model'),
    ],
    [
      'deep nesting',
      `{"x":${'['.repeat(64)}${']'.repeat(64)}}`,
      refusal('its JSON is nested more than 64 levels deep. Send flatter values.', 'nested_too_deeply'),
    ],
    [
      'endless nesting',
      `{"x":${'['.repeat(2_000_000)}`,
      refusal('its JSON is nested more than 64 levels deep. Send flatter values.', 'nested_too_deeply'),
    ],
    [
      'millions of small values',
      `{"x":[${'{},'.repeat(600_000)}{}]}`,
      refusal('its JSON has more than 500000 values. Send fewer.', 'too_many_values'),
    ],
    [
      'millions of small values in many members',
      `{${Array.from({ length: 7 }, (_, member) => `"x${member}":[${'[[]],'.repeat(30_000)}0]`).join(',')}}`,
      refusal('its JSON has more than 500000 values. Send fewer.', 'too_many_values'),
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(failureOf(() => scan(text))).toEqual(expected);
  });

  it('takes nesting of exactly the limit', () => {
    expect(fieldsOf(`{"x":${'['.repeat(63)}${']'.repeat(63)},"model":"a"}`).model?.value).toBe('a');
  });

  it('lets a key repeat that nobody asked for', () => {
    expect(fieldsOf('{"x":1,"x":2,"model":"a"}').model?.value).toBe('a');
  });

  it('leaves invalid UTF-8 to others', () => {
    const body = new Uint8Array([...encode('{"x":"'), 0xff, 0xc3, ...encode('","model":"a"}')]);
    expect(scanEnvelope(body, ['model']).fields.get('model')?.value).toBe('a');
  });
});

describe('withoutBom', () => {
  it('takes a BOM off and nothing else', () => {
    expect(withoutBom(encode('\uFEFF{}'))).toEqual(encode('{}'));
    expect(withoutBom(encode('{}'))).toEqual(encode('{}'));
  });
});

const key = fc.oneof(fc.constantFrom('model', 'stream', 'Model', 'models', ''), fc.string({ unit: 'grapheme' }));
const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' });

/** JSON text of members in order, keys possibly repeated, some of them written in escapes. */
const object = fc
  .array(fc.record({ key, value: json, isEscaped: fc.boolean(), space: fc.constantFrom('', ' ', '\r\n\t') }), {
    maxLength: 6,
  })
  .map((members) => {
    const texts = members.map(({ key, value, isEscaped, space }) => {
      const name = isEscaped ? `"${escaped(key)}"` : JSON.stringify(key);
      return `${space}${name}${space}:${space}${JSON.stringify(value, null, space.length)}${space}`;
    });
    return { members, text: `{${texts.join(',')}}` };
  });

function escaped(key: string): string {
  return Array.from({ length: key.length }, (_, at) => `\\u${key.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
    '',
  );
}

const isScalar = (value: unknown): boolean => typeof value !== 'object' || value === null;

describe('scanEnvelope, for any JSON', () => {
  it('agrees with JSON.parse on every asked key, and refuses one exactly when it is repeated', () => {
    fc.assert(
      fc.property(object, ({ members, text }) => {
        const asked = members.filter(({ key }) => ['model', 'stream'].includes(key));
        const isRepeated = new Set(asked.map(({ key }) => key)).size < asked.length;
        const body = encode(text);
        const result = attempt(() => scanEnvelope(body, ['model', 'stream']));
        expect(result instanceof RouterError).toBe(isRepeated);
        const fields = result instanceof RouterError ? [] : [...result.fields];
        expect(fields.length).toBe(isRepeated ? 0 : asked.length);
        const parsed: unknown = JSON.parse(text);
        for (const [name, { start, end, value }] of fields) {
          const whole: unknown = JSON.parse(new TextDecoder().decode(body.subarray(start, end)));
          const fromParse = Reflect.get(Object(parsed), name);
          expect(whole).toEqual(fromParse);
          expect(value).toEqual(isScalar(fromParse) ? fromParse : undefined);
        }
      }),
    );
  });

  it('refuses every cut of a body, and every addition to it', () => {
    fc.assert(
      fc.property(object, fc.nat(), fc.constantFrom('}', '{', ',', '"', 'x', '1'), ({ text }, at, addition) => {
        const body = encode(text);
        expect(failureOf(() => scanEnvelope(body.subarray(0, at % body.length), [])).kind).toBe('bad-request');
        expect(failureOf(() => scanEnvelope(encode(text + addition), [])).kind).toBe('bad-request');
      }),
    );
  });

  it('throws nothing but a refusal for any bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .string({ unit: fc.constantFrom(...Array.from('{}[]":,\\ u0069model1eE+-.tfn')), maxLength: 60 })
        .map((text) => encode(`{${text}`)),
    );
    fc.assert(
      fc.property(bytes, (bytes) => {
        const result = attempt(() => scanEnvelope(bytes, ['model', 'stream']));
        expect(result instanceof RouterError || result.fields instanceof Map).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['escaped quotes', `{"x":"${'\\"'.repeat(1_000_000)}"}`],
    ['backslashes', `{"x":"${'\\\\'.repeat(1_000_000)}"}`],
    ['short strings', `{"x":[${'"a",'.repeat(490_000)}""]}`],
    ['keys', `{${'"a":1,'.repeat(350_000)}"a":1}`],
    ['escaped keys', `{${'"\\u0061":1,'.repeat(180_000)}"a":1}`],
  ])(
    'takes two megabytes of %s in linear time',
    (_, text) => {
      expect(scan(text).fields.size).toBe(0);
    },
    2000,
  );
});

function attempt(run: () => Envelope): Envelope | RouterError {
  try {
    return run();
  } catch (error) {
    if (error instanceof RouterError) return error;
    throw error;
  }
}
