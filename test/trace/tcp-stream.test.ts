import { expect, test } from 'vitest';
import { readSegment } from '../../src/link/tun/packet.ts';
import type { CapturedPacket } from '../../src/trace/capture.ts';
import { TcpStream } from '../../src/trace/tcp-stream.ts';
import { packetsOf } from './fixtures.ts';

const PIECES = ['one', 'two', 'three', 'four', 'five'];
const [SYN, ...DATA] = packetsOf(
  PIECES.map((text) => ({ from: 'client' as const, bytes: Buffer.from(text) })),
).filter(({ from }) => from === 'client');

/** What each packet is to the stream, and what it brings. */
function taken(packets: readonly (CapturedPacket | undefined)[]): [string, string][] {
  const stream = new TcpStream();
  return packets.map((packet) => {
    const bytes = packet?.bytes ?? new Uint8Array(0);
    const segment = readSegment(bytes);
    if (segment === undefined) throw new Error('No TCP');
    const { place, bytes: brought } = stream.take(segment, bytes);
    return [place, Buffer.from(brought).toString()];
  });
}

test('in order every segment is the next', () => {
  expect(taken([SYN, ...DATA])).toEqual([['next', ''], ...PIECES.map((text) => ['next', text])]);
});

test('a segment that is there already brings nothing', () => {
  const [one, two] = DATA;
  expect(taken([SYN, SYN, one, two, one])).toEqual([
    ['next', ''],
    ['retransmission', ''],
    ['next', 'one'],
    ['next', 'two'],
    ['retransmission', ''],
  ]);
});

test('what stands behind a hole comes with what fills it', () => {
  const [one, two, three, four, five] = DATA;
  expect(taken([SYN, one, four, three, two, five])).toEqual([
    ['next', ''],
    ['next', 'one'],
    ['behind-hole', ''],
    ['behind-hole', ''],
    ['fills-hole', 'twothreefour'],
    ['next', 'five'],
  ]);
});
