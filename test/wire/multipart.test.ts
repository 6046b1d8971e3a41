import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouterError } from '../../src/core/failure.ts';
import { boundaryIn, PartScanner, type ModelPart } from '../../src/wire/multipart.ts';
import { decode, encode } from './text.ts';

const boundary = 'XyZ';

function form(...parts: readonly (readonly [head: string, value: string])[]): string {
  return `${parts.map(([head, value]) => `--${boundary}\r\n${head}\r\n\r\n${value}\r\n`).join('')}--${boundary}--\r\n`;
}

const field = (name: string, value: string): readonly [string, string] => [
  `Content-Disposition: form-data; name="${name}"`,
  value,
];
const file = (value: string, name = 'a.mp3'): readonly [string, string] => [
  `content-disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: audio/mpeg`,
  value,
];

/** Scans a body cut at the given places. */
function scan(body: Uint8Array, cuts: readonly number[] = []): { found: ModelPart[]; isOver: boolean } {
  const scanner = new PartScanner(boundary);
  const places = [0, ...[...cuts].sort((a, b) => a - b), body.length];
  const found = places.slice(1).flatMap((end, at) => scanner.push(body.subarray(places[at], end)) ?? []);
  return { found, isOver: scanner.isOver };
}

function refusal(text: string): unknown {
  try {
    scan(encode(text));
  } catch (error) {
    return error instanceof RouterError && error.failure.kind === 'bad-request' ? error.failure.code : error;
  }
  return undefined;
}

describe('PartScanner', () => {
  it.each([
    ['in front of the file', form(field('model', 'openai/whisper-1'), file('sound'))],
    ['behind the file', form(file('sound'), field('model', 'openai/whisper-1'))],
    ['without quotes', form(['content-disposition: form-data; name=model', 'openai/whisper-1'])],
    [
      'behind a file whose name looks like it',
      form(file('s', 'x\\"; name=\\"model'), field('model', 'openai/whisper-1')),
    ],
    ['behind what looks like a delimiter', form(file(`\r\n-${boundary}\r\n--Xy`), field('model', 'openai/whisper-1'))],
    ['behind a preamble', `preamble\r\n${form(field('model', 'openai/whisper-1'))}`],
  ])('finds the model %s', (_, text) => {
    const { found, isOver } = scan(encode(text));
    expect(found.map(({ value }) => value)).toEqual(['openai/whisper-1']);
    expect(found.map(({ start, end }) => decode(encode(text).subarray(start, end)))).toEqual(['openai/whisper-1']);
    expect(isOver).toBe(true);
  });

  it('finds the same model at the same place, however the body is cut', () => {
    const text = form(file('\r\n--Xy\r\n\r\n--', 'ü.mp3'), field('model', 'openai/whisper-1'), field('language', ''));
    const body = encode(text);
    const whole = scan(body);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: body.length })), (cuts) => {
        expect(scan(body, cuts)).toEqual(whole);
      }),
    );
    const everyByte = Array.from(body, (_byte, at) => at);
    expect(scan(body, everyByte)).toEqual(whole);
    expect(whole.found).toHaveLength(1);
  });

  it.each([
    ['two models', form(field('model', 'a'), field('model', 'b')), 'repeated_field'],
    ['a model without an end', form(field('model', 'a'.repeat(2000))), 'invalid_model'],
    ['a delimiter that goes on', `--${boundary}oops\r\n\r\n`, 'invalid_multipart'],
    ['two names', form(['content-disposition: form-data; name="x"; name="model"', 'm']), 'invalid_multipart'],
    [
      'two dispositions',
      form(['content-disposition: form-data\r\ncontent-disposition: form-data; name="model"', 'm']),
      'invalid_multipart',
    ],
    ['a folded disposition', form(['content-disposition: form-data;\r\n name="model"', 'm']), 'invalid_multipart'],
    ['an encoded name', form(["content-disposition: form-data; name*=utf-8''model", 'm']), 'invalid_multipart'],
    ['an escape in a name', form(['content-disposition: form-data; name="mod\\el"', 'm']), 'invalid_multipart'],
    ['a head without an end', `--${boundary}\r\n${'x'.repeat(20_000)}`, 'invalid_multipart'],
  ])('refuses %s', (_, text, code) => {
    expect(refusal(text)).toBe(code);
  });
});

describe('boundaryIn', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b"', 'a b'],
    ['multipart/form-data', undefined],
    ['application/json; boundary=abc', undefined],
    [`multipart/form-data; boundary=${'x'.repeat(71)}`, undefined],
  ])('reads %s', (type, expected) => {
    expect(boundaryIn(type)).toBe(expected);
  });
});
