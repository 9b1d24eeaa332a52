import { isSingle } from '../results/cell.ts';
import { handshakeBytesOf } from '../results/handshake-bytes.ts';
import { expectedOf } from '../scenario/expect.ts';
import type { Checker } from './gate.ts';

/** Bytes of the handshake must not exceed their budget, over every link. */
export const checkBytes: Checker = ({ cells }, { bytes }) =>
  cells.flatMap((cell) => {
    if (!isSingle(cell)) return [];
    const budget = expectedOf(bytes, cell.mode) ?? {};
    const found = handshakeBytesOf(cell);
    return (['handshakeUp', 'handshakeDown'] as const).flatMap((what) => {
      const most = budget[what];
      if (most === undefined) return [];
      return [
        {
          expectation: 'bytes' as const,
          cell: cell.id,
          what,
          expected: `at most ${most}`,
          found: found === undefined ? 'no bytes were seen' : String(Math.round(found[what])),
          passed: found !== undefined && found[what] <= most,
        },
      ];
    });
  });
