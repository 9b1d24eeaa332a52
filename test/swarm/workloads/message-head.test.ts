import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { readHead, writeHead } from '../../../src/swarm/workloads/message-head.ts';
import { PUBSUB_HEAD_BYTES } from '../../../src/swarm/workloads/settings/pubsub.ts';

const index = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const instant = fc.double({ min: 0, max: 1e15, noNaN: true });

it('is read as it was written, and leaves the rest of the payload alone', () => {
  fc.assert(
    fc.property(
      fc.record({ intendedUs: instant, sentUs: instant, publisher: index, sequence: index }),
      fc.uint8Array({ maxLength: 40 }),
      (head, rest) => {
        const payload = Buffer.concat([Buffer.alloc(PUBSUB_HEAD_BYTES), rest]);
        writeHead(payload, head);
        expect(readHead(payload)).toEqual(head);
        expect(payload.subarray(PUBSUB_HEAD_BYTES).equals(rest)).toBe(true);
      },
    ),
  );
});

it('is not found in a payload that is too short', () => {
  expect(() => readHead(Buffer.alloc(PUBSUB_HEAD_BYTES - 1))).toThrow(RangeError);
});
