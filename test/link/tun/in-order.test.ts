import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { InOrder } from '../../../src/link/tun/in-order.ts';

it('tells after each piece up to which byte the stream is there, whatever order and overlap they come in', () => {
  const pieces = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 })), { maxLength: 60 });
  fc.assert(
    fc.property(pieces, (all) => {
      const stream = new InOrder();
      const there = new Set<number>();
      for (const [from, bytes] of all) {
        for (let at = from; at < from + bytes; at++) there.add(at);
        let end = 0;
        while (there.has(end)) end++;
        expect(stream.take(from, from + bytes)).toBe(end);
      }
    }),
  );
});
