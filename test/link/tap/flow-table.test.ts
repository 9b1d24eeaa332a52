import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Flow } from '../../../src/link/flow.ts';
import { FlowTable } from '../../../src/link/tun/flow-table.ts';
import { readSegment } from '../../../src/link/tun/packet.ts';
import type { TlsWire } from '../../../src/measure/tls-wire.ts';
import { modeNamed } from '../../../src/modes/index.ts';
import { makePki } from '../../helpers/pki.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';
import { recordMode, tapped, type Chunk } from './recording.ts';

const SYN = 0x02;
const ACK = 0x10;
const FIN = 0x01;
const RST = 0x04;
/** Close to where sequence numbers wrap, so that they do. */
const FIRST = { client: 2 ** 32 - 300, broker: 2 ** 32 - 700 };

/** The packets of the TCP handshake stand before. */
const FIRST_DATA = 3;

interface Packet {
  from: 'client' | 'broker';
  bytes: Uint8Array;
}

const folder = sharedFolders();
let chunks: Chunk[] = [];
let whole: TlsWire | undefined;

beforeAll(async () => {
  ({ chunks } = await recordMode(modeNamed('mtls13'), await makePki(folder())));
  whole = tapped(chunks);
});

/** An IPv4 packet with a TCP segment that has options, as a kernel's have. */
function packet(
  from: Packet['from'],
  sequence: number,
  flags: number,
  payload: Uint8Array = new Uint8Array(0),
  acknowledges = 0,
): Packet {
  const bytes = new Uint8Array(20 + 32 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  view.setUint8(9, 6);
  view.setUint32(12, from === 'client' ? 0xc6120001 : 0xc6120002);
  view.setUint32(16, from === 'client' ? 0xc6120002 : 0xc6120001);
  view.setUint16(20, from === 'client' ? 40_000 : 8883);
  view.setUint16(22, from === 'client' ? 8883 : 40_000);
  view.setUint32(24, sequence >>> 0);
  view.setUint32(28, acknowledges >>> 0);
  view.setUint8(32, 8 << 4);
  view.setUint8(33, flags);
  bytes.set(payload, 52);
  return { from, bytes };
}

/** A connection's packets, its data cut into segments of these sizes. */
function packetsOf(sizes: readonly number[] = [1448]): Packet[] {
  const next = { client: FIRST.client + 1, broker: FIRST.broker + 1 };
  let size = 0;
  const data = chunks.flatMap(({ from, bytes }) => {
    const out: Packet[] = [];
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + (sizes[size++ % sizes.length] ?? 1448));
      out.push(packet(from, next[from], ACK, piece));
      next[from] += piece.length;
      at += piece.length;
    }
    return out;
  });
  return [
    packet('client', FIRST.client, SYN),
    packet('broker', FIRST.broker, SYN | ACK),
    packet('client', FIRST.client + 1, ACK),
    ...data,
    packet('client', next.client, FIN | ACK),
    packet('broker', next.broker, FIN | ACK),
  ];
}

function flowOf(packets: readonly Packet[]): Flow | undefined {
  const flows: Flow[] = [];
  const table = new FlowTable('near', (flow) => flows.push(flow));
  for (const [index, { from, bytes }] of packets.entries()) {
    const segment = readSegment(bytes);
    if (segment !== undefined) table.segment(from, segment, bytes, index);
  }
  table.flush();
  return flows[0];
}

describe('the segments of a connection', () => {
  it('tell the handshake that they carry, across the wrap of sequence numbers', () => {
    const flow = flowOf(packetsOf());
    expect(flow).toMatchObject({ retransmitted: 0, dialledPort: 8883 });
    expect(flow?.tls).toEqual(whole);
    expect(whole?.handshake.down?.bytes).toBeGreaterThan(2000);
  });

  it('tell the same when some are sent again, whole, in part, or joined with what follows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 9 }),
        fc.array(fc.tuple(fc.nat(200), fc.nat(60)), { minLength: 1, maxLength: 12 }),
        (sizes, again) => {
          const packets = packetsOf(sizes);
          const sentAgain = packets.flatMap((original, index): Packet[] => {
            if (index < FIRST_DATA) return [original];
            const repeats = again.filter(([at]) => at % packets.length === index);
            return [
              original,
              ...repeats.map(([, back]) => packets[Math.max(FIRST_DATA, index - back)] ?? original),
            ];
          });
          const flow = flowOf(sentAgain);
          expect(flow?.tls).toEqual(whole);
          const bytes = (from: 'client' | 'broker'): number =>
            chunks.reduce((sum, chunk) => sum + (chunk.from === from ? chunk.bytes.length : 0), 0);
          expect(flow).toMatchObject({ bytesUp: bytes('client'), bytesDown: bytes('broker') });
        },
      ),
    );
  });

  it('tell the same when one brings old bytes and new ones', () => {
    const [syn, synAck, ack, hello, ...rest] = packetsOf([100]);
    const [first] = chunks;
    if (
      syn === undefined ||
      synAck === undefined ||
      ack === undefined ||
      hello === undefined ||
      first === undefined
    )
      throw new Error('Nothing was recorded');
    const wide = packet('client', FIRST.client + 1, ACK, first.bytes.subarray(0, 170));
    expect(flowOf([syn, synAck, ack, hello, wide, ...rest])?.tls).toEqual(whole);
  });

  it('one of which never came end the telling, whatever comes after', () => {
    const packets = packetsOf([400]);
    for (const missing of [4, 6, 8]) {
      const { tls } = flowOf(packets.filter((_, index) => index !== missing)) ?? {};
      expect(tls?.incomplete).toBe('hole');
      expect(tls?.handshake.down).toBeUndefined();
    }
  });

  it('that changed places end the telling too', () => {
    const packets = packetsOf([100]);
    const [first, second] = [packets[FIRST_DATA], packets[FIRST_DATA + 1]];
    if (first === undefined || second === undefined) throw new Error('Nothing was recorded');
    const swapped = packets.toSpliced(FIRST_DATA, 2, second, first);
    expect(flowOf(swapped)).not.toHaveProperty('tls');
    const [third, fourth] = [packets[FIRST_DATA + 4], packets[FIRST_DATA + 5]];
    if (third === undefined || fourth === undefined) throw new Error('Nothing was recorded');
    expect(third.from).toBe(fourth.from);
    const later = packets.toSpliced(FIRST_DATA + 4, 2, fourth, third);
    expect(flowOf(later)?.tls).toMatchObject({ incomplete: 'hole', handshake: {} });
  });

  it('count a SYN that is sent again once', () => {
    const [syn, ...rest] = packetsOf();
    if (syn === undefined) throw new Error('Nothing was recorded');
    expect(flowOf([syn, syn, ...rest])?.retransmitted).toBe(1);
    expect(flowOf([syn, syn, ...rest])?.tls).toEqual(whole);
  });
});

describe('the packets of a connection', () => {
  /** What a kernel sends around a message of 100 bytes each way, and the end that `closing` makes of it. */
  function ended(closing: readonly Packet[]): Flow | undefined {
    const [client, broker] = [FIRST.client + 1, FIRST.broker + 1];
    const data = new Uint8Array(100);
    const flows: Flow[] = [];
    const table = new FlowTable('near', (flow) => flows.push(flow));
    const packets = [
      packet('client', FIRST.client, SYN),
      packet('broker', FIRST.broker, SYN | ACK, undefined, client),
      packet('client', client, ACK, undefined, broker),
      packet('client', client, ACK, data, broker),
      packet('broker', broker, ACK, data, client + 100),
      ...closing,
    ];
    for (const [index, { from, bytes }] of packets.entries()) {
      const segment = readSegment(bytes);
      if (segment !== undefined) table.segment(from, segment, bytes, index);
    }
    // Without a flush: what is told, is told because the connection is over.
    return flows[0];
  }
  const [client, broker] = [FIRST.client + 101, FIRST.broker + 101];
  const fin = packet('client', client, FIN | ACK, undefined, broker);

  it('are counted to the last acknowledgement, with their headers', () => {
    const flow = ended([
      fin,
      packet('broker', broker, ACK, undefined, client + 1),
      packet('broker', broker, FIN | ACK, undefined, client + 1),
      packet('client', client + 1, ACK, undefined, broker + 1),
    ]);
    // Every header is 52 bytes here.
    expect(flow?.packets).toEqual({ up: 5, down: 4, bytesUp: 5 * 52 + 100, bytesDown: 4 * 52 + 100 });
  });

  it('are not all there while a FIN is not acknowledged', () => {
    expect(ended([fin, packet('broker', broker, FIN | ACK, undefined, client + 1)])).toBeUndefined();
    // Both at once: each acknowledges the other’s after its own.
    const crossing = [fin, packet('broker', broker, FIN | ACK, undefined, client)];
    expect(ended([...crossing, packet('broker', broker + 1, ACK, undefined, client + 1)])).toBeUndefined();
    const both = [
      ...crossing,
      packet('broker', broker + 1, ACK, undefined, client + 1),
      packet('client', client + 1, ACK, undefined, broker + 1),
    ];
    expect(ended(both)?.packets).toMatchObject({ up: 5, down: 4 });
  });

  it('end with a reset', () => {
    const flow = ended([fin, packet('broker', broker, RST | ACK, undefined, client + 1)]);
    expect(flow?.packets).toMatchObject({ up: 4, down: 3, bytesDown: 3 * 52 + 100 });
  });
});

describe('the client’s segments at the broker', () => {
  const PER_PACKET_US = 10;

  /** Each packet leaves ten microseconds after the one before, and comes five later, unless it is lost or held up. */
  function atBroker(
    packets: readonly Packet[],
    held: ReadonlyMap<number, number> = new Map(),
  ): Flow['atBroker'] {
    const flows: Flow[] = [];
    const table = new FlowTable('near', (flow) => flows.push(flow));
    const events = packets.flatMap(({ from, bytes }, index) => {
      const segment = readSegment(bytes);
      if (segment === undefined) throw new Error('No segment');
      const leavesUs = index * PER_PACKET_US;
      const arrivesUs = leavesUs + 5 + (held.get(index) ?? 0);
      const leave = { atUs: leavesUs, act: () => table.segment(from, segment, bytes, leavesUs) };
      const arrive = { atUs: arrivesUs, act: () => table.arrived(segment, arrivesUs) };
      return from === 'client' && arrivesUs < Infinity ? [leave, arrive] : [leave];
    });
    // What ends the connection comes last, so that all others have come before it is told.
    for (const { act } of events.toSorted((a, b) => a.atUs - b.atUs)) act();
    table.flush();
    return flows[0]?.atBroker ?? {};
  }

  /** Without the end of the connection, which tells the flow. */
  const open = (): Packet[] => packetsOf([400]).slice(0, -2);
  const fromClient = (packets: readonly Packet[]): number[] =>
    packets.flatMap(({ from }, index) => (from === 'client' ? [index] : []));

  it('tell when what of the connection was there, and when the broker’s own left', () => {
    const packets = open();
    const [, established = 0, hello = 0, ...others] = fromClient(packets);
    const last = others.at(-1) ?? 0;
    const connack = packets.length - 1;
    expect(atBroker(packets)).toEqual({
      acceptedUs: established * PER_PACKET_US + 5,
      firstFlightUs: hello * PER_PACKET_US + 5,
      handshakeDoneUs: expect.any(Number) as number,
      handshakeAnsweredUs: expect.any(Number) as number,
      // CONNECT was the last that the client sent, CONNACK the broker's.
      connectReceivedUs: last * PER_PACKET_US + 5,
      togetherReceivedUs: last * PER_PACKET_US + 5,
      connackSentUs: connack * PER_PACKET_US,
    });
    const { handshakeDoneUs = 0, handshakeAnsweredUs = 0 } = atBroker(packets);
    expect(handshakeDoneUs).toBeLessThanOrEqual(last * PER_PACKET_US + 5);
    expect(handshakeDoneUs).toBeGreaterThan(hello * PER_PACKET_US + 5);
    expect(handshakeAnsweredUs).toBeGreaterThan(handshakeDoneUs);
  });

  it('are there when what was lost before them has come again', () => {
    const packets = open();
    const [, , hello = 0] = fromClient(packets);
    // Behind all others, as if the broker had answered without it.
    const again = [...packets, packets[hello] ?? packets[0]].flatMap((one) => one ?? []);
    const whole = atBroker(packets);
    const late = atBroker(again, new Map([[hello, Infinity]]));
    const cameUs = packets.length * PER_PACKET_US + 5;
    expect(late).toEqual({
      ...whole,
      firstFlightUs: cameUs,
      handshakeDoneUs: cameUs,
      connectReceivedUs: cameUs,
      togetherReceivedUs: cameUs,
    });
  });

  it('that never come are not told', () => {
    const packets = open();
    const last = fromClient(packets).at(-1) ?? 0;
    const told = atBroker(packets, new Map([[last, Infinity]]));
    expect(told).not.toHaveProperty('connectReceivedUs');
    expect(told).toHaveProperty('connackSentUs');
  });
});
