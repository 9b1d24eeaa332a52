import { expect, test } from 'vitest';
import { SyntheticPackets } from '../../../src/link/proxy/synthetic-packets.ts';
import { Recorder, type RecordedPacket } from '../../../src/link/recorded.ts';
import { readSegment } from '../../../src/link/tun/packet.ts';
import { segment } from '../../trace/fixtures.ts';

const ENDS = { client: { host: '127.0.0.1', port: 40_000 }, broker: { host: '127.0.0.2', port: 1883 } };

/** What a scene records, in order. */
function recorded(play: (packets: SyntheticPackets) => void): RecordedPacket[] {
  const all: RecordedPacket[] = [];
  const recorder = new Recorder((packets) => all.push(...packets));
  play(new SyntheticPackets(ENDS, recorder));
  recorder.tell(true);
  return all;
}

test('the client’s packets are recorded as they leave, the broker’s as they come, and what is lost of them never', () => {
  const packets = recorded((made) => {
    made.syn('client', 1000);
    made.syn('client', 2000)(2500);
    made.syn('broker', 2500)(3000);
    made.packet('broker', segment(0, Buffer.from('lost')), 0, 4000);
    made.packet('broker', segment(4, Buffer.from('not')), 0, 5000)(5500);
  });
  expect(packets.map(({ from, atUs, bytes }) => [from, atUs, bytes.length])).toEqual([
    ['client', 1000, 60],
    ['client', 2000, 60],
    ['broker', 3000, 60],
    ['broker', 5500, 52 + 3],
  ]);
});

test('headers say what the model says, and checksums are those of RFC 1071', () => {
  const [packet] = recorded((made) => made.packet('client', segment(7, Buffer.from('odd'), 'end'), 5, 1000));
  const bytes = packet?.bytes ?? new Uint8Array(0);
  expect(readSegment(bytes)).toMatchObject({
    sourcePort: 40_000,
    destinationPort: 1883,
    sequence: 8,
    acknowledges: 6,
    payloadBytes: 3,
    fin: true,
    ack: true,
    rst: false,
  });
  // With the checksum in its place the sum of all words is all ones.
  const sum = (words: Uint8Array): number => {
    let total = words.reduce((all, byte, index) => all + (index % 2 === 0 ? byte << 8 : byte), 0);
    while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
    return total;
  };
  expect(sum(bytes.subarray(0, 20))).toBe(0xffff);
  const tcp = bytes.subarray(20);
  const pseudo = Uint8Array.from([...bytes.subarray(12, 20), 0, 6, tcp.length >> 8, tcp.length & 0xff]);
  expect(sum(Uint8Array.from([...pseudo, ...tcp]))).toBe(0xffff);
});

test('after a reset neither end sends anything, though the model acknowledges it', () => {
  const packets = recorded((made) => {
    made.packet('broker', segment(0, Buffer.alloc(0), 'reset'), 0, 1000)(2000);
    made.packet('client', undefined, 1, 2000);
    made.packet('broker', undefined, 0, 3000)(4000);
  });
  expect(packets.map(({ from, bytes }) => [from, readSegment(bytes)?.rst])).toEqual([['broker', true]]);
});

test('where nobody asked nothing is kept', () => {
  const recorder = new Recorder(undefined);
  new SyntheticPackets(ENDS, recorder).syn('client', 1000);
  expect(() => recorder.tell(true)).not.toThrow();
  expect(recorder.wanted).toBe(false);
});
