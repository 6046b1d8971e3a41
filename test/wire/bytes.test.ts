import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, joinBytes } from '../../src/wire/bytes.ts';

const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 30 });

describe('joinBytes', () => {
  it('gives the pieces in order', () => {
    fc.assert(
      fc.property(pieces, (pieces) => {
        expect([...joinBytes(pieces)]).toEqual(pieces.flatMap((piece) => [...piece]));
      }),
    );
  });

  it('copies nothing where the pieces are neighbours', () => {
    const whole = new Uint8Array([0, 1, 2, 3, 4, 5]);
    const joined = joinBytes([whole.subarray(1, 3), whole.subarray(3, 3), whole.subarray(3, 5)]);
    expect([...joined]).toEqual([1, 2, 3, 4]);
    expect(joined.buffer).toBe(whole.buffer);
  });

  it('copies pieces of one buffer that are out of order or apart', () => {
    const whole = new Uint8Array([0, 1, 2, 3]);
    expect([...joinBytes([whole.subarray(2), whole.subarray(0, 2)])]).toEqual([2, 3, 0, 1]);
    expect([...joinBytes([whole.subarray(0, 1), whole.subarray(2)])]).toEqual([0, 2, 3]);
  });
});

describe('gather', () => {
  it('gives everything added, and is empty afterwards', () => {
    fc.assert(
      fc.property(pieces, fc.nat(64), (pieces, expectedBytes) => {
        const gathered = gather(expectedBytes);
        for (const piece of pieces) gathered.add(piece);
        const bytes = pieces.flatMap((piece) => [...piece]);
        expect(gathered.length).toBe(bytes.length);
        expect([...gathered.take()]).toEqual(bytes);
        expect([gathered.length, ...gathered.take()]).toEqual([0]);
      }),
    );
  });

  it('does not write into a piece it was given', () => {
    const piece = new Uint8Array([1, 2, 3, 4]);
    const gathered = gather();
    gathered.add(piece.subarray(0, 2));
    gathered.add(new Uint8Array([9]));
    expect([...gathered.take()]).toEqual([1, 2, 9]);
    expect([...piece]).toEqual([1, 2, 3, 4]);
  });

  it('hands one piece on without a copy', () => {
    const piece = new Uint8Array([1, 2]);
    const gathered = gather(100);
    gathered.add(piece);
    expect(gathered.take()).toBe(piece);
  });

  it('does not touch what it gave away', () => {
    const gathered = gather();
    gathered.add(new Uint8Array([1]));
    gathered.add(new Uint8Array([2]));
    const taken = gathered.take();
    gathered.add(new Uint8Array([3]));
    gathered.add(new Uint8Array([4]));
    expect([...taken]).toEqual([1, 2]);
  });
});
