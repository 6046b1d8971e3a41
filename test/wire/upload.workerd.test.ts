import { describe, expect, it } from 'vitest';
import { RouterError } from '../../src/core/failure.ts';
import { joinUpload, readUpload } from '../../src/wire/upload.ts';
import { decode, encode } from './text.ts';

const contentType = 'multipart/form-data; boundary=XyZ';
const part = (name: string, value: string): string =>
  `--XyZ\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const end = '--XyZ--\r\n';

/** A body that comes in these pieces. */
function bodyOf(...pieces: readonly string[]): ReadableStream<Uint8Array> {
  const left = pieces.map(encode);
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
}

const limits = { contentType, heldBytes: 1000, limitBytes: 5000 };

async function failureOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => undefined,
    (error: unknown) => (error instanceof RouterError ? error.failure : error),
  );
}

describe('readUpload', () => {
  it('holds no more than it takes to know the model', async () => {
    const [first, second] = [part('model', 'm'), part('file', 'sound')];
    const { held, model, rest } = await readUpload(bodyOf(first, '--XyZ', second.slice(5), end), limits);
    expect([decode(held), model.value]).toEqual([`${first}--XyZ`, 'm']);
    expect(await new Response(rest).text()).toBe(second.slice(5) + end);
  });

  it('holds all of a form whose model comes last', async () => {
    const text = part('file', 'sound') + part('model', 'm') + end;
    const { held, rest } = await readUpload(bodyOf(text.slice(0, 40), text.slice(40)), limits);
    expect([decode(held), rest]).toEqual([text, undefined]);
  });

  it.each([
    ['without a model', [part('file', 'sound'), end], { kind: 'bad-request', code: 'missing_model' }],
    [
      'with too much in front of the model',
      [part('file', 'x'.repeat(2000)), part('model', 'm')],
      { kind: 'too-large', limitBytes: 1000 },
    ],
  ])('refuses a form %s', async (_, pieces, failure) => {
    expect(await failureOf(readUpload(bodyOf(...pieces), limits))).toMatchObject(failure);
  });

  it.each([
    ['a second model', [part('model', 'n'), end], { kind: 'bad-request', code: 'repeated_field' }],
    ['more than the limit', ['x'.repeat(3000), 'x'.repeat(3000)], { kind: 'too-large' }],
  ])('breaks off what still comes at %s', async (_, pieces, failure) => {
    const { rest } = await readUpload(bodyOf(part('model', 'm'), '--XyZ\r\n\r\n\r\n', ...pieces), limits);
    expect(await failureOf(new Response(rest).text())).toMatchObject(failure);
  });
});

describe('joinUpload', () => {
  it.each([{ lengthBytes: 5 }, {}])('is one body of both parts: %j', async (length) => {
    const body = joinUpload(encode('ab'), { rest: bodyOf('c', 'de'), ...length });
    expect(await new Response(body).text()).toBe('abcde');
  });
});
