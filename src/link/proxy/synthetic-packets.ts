import type { Endpoint } from '../flow.ts';
import type { Recorder } from '../recorded.ts';
import { addressNumber } from '../tun/packet.ts';
import { MSS_BYTES, type Segment } from './tcp/segment.ts';

/** RFC 791, RFC 9293 §3.1. */
const IP_BYTES = 20;
const TCP_BYTES = 20;
const TCP_PROTOCOL = 6;
const TIME_TO_LIVE = 64;
const DO_NOT_FRAGMENT = 0x4000;
const FLAG = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;
/** RFC 9293 §3.2 (MSS, which counts the timestamps in), RFC 2018 §2, RFC 7323 §2.2 and §3.2. */
const TIMESTAMP_BYTES = 12;
const OPTION = {
  nop: 1,
  mss: [2, 4],
  windowScale: [3, 3],
  sackPermitted: [4, 2],
  timestamps: [8, 10],
} as const;
const WINDOW_SCALE = 7;
/** 64 KiB, which the model never comes to: it has no receive window. In a SYN it is not scaled (RFC 7323 §2.2). */
const SYN_WINDOW = 65_535;
const WINDOW = 65_536 >> WINDOW_SCALE;

type End = 'client' | 'broker';

interface Header {
  from: End;
  flags: number;
  sequence: number;
  acknowledgement: number;
  window: number;
  options: Uint8Array;
}

/**
 * Makes IP packets of what the modelled TCP of one connection sends, and records them at the client's end. No kernel saw
 * them: sequence numbers begin at 0, timestamps are those of the model in milliseconds, and SACK blocks and the receive
 * window, which the model has not, are left out. Checksums are valid. Each packet is as long as the model counts it.
 */
export class SyntheticPackets {
  readonly #ends: Record<End, Endpoint>;
  readonly #recorder: Recorder;
  readonly #identification: Record<End, number> = { client: 0, broker: 0 };
  /** What each end sends next, which its pure acknowledgements carry. */
  readonly #next: Record<End, number> = { client: 0, broker: 0 };
  /** Ends whose connection a reset has ended: they send nothing more, though the model acknowledges it. */
  readonly #reset = new Set<End>();
  /** What each end echoes: the timestamp that it got last. */
  readonly #echo: Record<End, number> = { client: 0, broker: 0 };

  constructor(ends: Record<End, Endpoint>, recorder: Recorder) {
    this.#ends = ends;
    this.#recorder = recorder;
  }

  /** The SYN of the client or the SYN-ACK of the broker. */
  syn(from: End, atUs: number): (arrivedUs: number) => void {
    const { nop, mss, windowScale, sackPermitted, timestamps } = OPTION;
    const options = Uint8Array.from([
      ...mss,
      ...big(MSS_BYTES + TIMESTAMP_BYTES, 2),
      ...sackPermitted,
      ...timestamps,
      ...big(stamp(atUs), 4),
      ...big(this.#echo[from], 4),
      nop,
      ...windowScale,
      WINDOW_SCALE,
    ]);
    const isAnswer = from === 'broker';
    const header: Header = {
      from,
      flags: FLAG.syn | (isAnswer ? FLAG.ack : 0),
      sequence: 0,
      acknowledgement: isAnswer ? 1 : 0,
      window: SYN_WINDOW,
      options,
    };
    return this.#send(header, [], atUs);
  }

  /** A segment, or a pure acknowledgement; `acknowledged` counts bytes of the other end's stream. */
  packet(
    from: End,
    segment: Segment | undefined,
    acknowledged: number,
    atUs: number,
  ): (arrivedUs: number) => void {
    const { nop, timestamps } = OPTION;
    const { ending, payloadBytes = 0 } = segment ?? {};
    const header: Header = {
      from,
      flags:
        FLAG.ack |
        (payloadBytes > 0 ? FLAG.psh : 0) |
        (ending === 'end' ? FLAG.fin : 0) |
        (ending === 'reset' ? FLAG.rst : 0),
      // The SYN takes the number before the first byte.
      sequence: 1 + (segment?.seq ?? this.#next[from]),
      acknowledgement: 1 + acknowledged,
      window: WINDOW,
      options: Uint8Array.from([
        nop,
        nop,
        ...timestamps,
        ...big(stamp(atUs), 4),
        ...big(this.#echo[from], 4),
      ]),
    };
    this.#next[from] = Math.max(this.#next[from], segment?.end ?? 0);
    return this.#send(header, segment?.payload ?? [], atUs);
  }

  #send(header: Header, payload: readonly Uint8Array[], atUs: number): (arrivedUs: number) => void {
    const { from, flags } = header;
    if (this.#reset.has(from)) return () => {};
    const bytes = this.#build(header, payload);
    const resets = (flags & FLAG.rst) !== 0;
    if (resets) this.#reset.add(from);
    if (from === 'client') this.#recorder.add('client', bytes, atUs);
    const to = from === 'client' ? 'broker' : 'client';
    return (arrivedUs) => {
      this.#echo[to] = stamp(atUs);
      if (resets) this.#reset.add(to);
      if (from === 'broker') this.#recorder.add('broker', bytes, arrivedUs);
    };
  }

  #build(header: Header, payload: readonly Uint8Array[]): Uint8Array {
    const { from, flags, sequence, acknowledgement, window, options } = header;
    const source = this.#ends[from];
    const destination = this.#ends[from === 'client' ? 'broker' : 'client'];
    const headerBytes = TCP_BYTES + options.length;
    const payloadBytes = payload.reduce((sum, { length }) => sum + length, 0);
    const packet = new Uint8Array(IP_BYTES + headerBytes + payloadBytes);
    const view = new DataView(packet.buffer);
    view.setUint8(0, (4 << 4) | (IP_BYTES / 4));
    view.setUint16(2, packet.length);
    view.setUint16(4, ++this.#identification[from] & 0xffff);
    view.setUint16(6, DO_NOT_FRAGMENT);
    view.setUint8(8, TIME_TO_LIVE);
    view.setUint8(9, TCP_PROTOCOL);
    view.setUint32(12, addressNumber(source.host));
    view.setUint32(16, addressNumber(destination.host));
    view.setUint16(10, checksum(packet.subarray(0, IP_BYTES)));
    view.setUint16(IP_BYTES, source.port);
    view.setUint16(IP_BYTES + 2, destination.port);
    view.setUint32(IP_BYTES + 4, sequence);
    view.setUint32(IP_BYTES + 8, acknowledgement);
    view.setUint8(IP_BYTES + 12, (headerBytes / 4) << 4);
    view.setUint8(IP_BYTES + 13, flags);
    view.setUint16(IP_BYTES + 14, window);
    packet.set(options, IP_BYTES + TCP_BYTES);
    let at = IP_BYTES + headerBytes;
    for (const piece of payload) {
      packet.set(piece, at);
      at += piece.length;
    }
    const segment = packet.subarray(IP_BYTES);
    // RFC 9293 §3.1: of a pseudo header with both addresses, the protocol and the segment's length, too.
    const pseudo = sumOf(packet.subarray(12, 20)) + TCP_PROTOCOL + segment.length;
    view.setUint16(IP_BYTES + 16, checksum(segment, pseudo));
    return packet;
  }
}

/** Milliseconds, as Linux stamps (RFC 7323 §5.4 asks for 1 ms to 1 s). */
function stamp(atUs: number): number {
  return Math.floor(atUs / 1000) >>> 0;
}

function big(value: number, bytes: 2 | 4): number[] {
  return Array.from({ length: bytes }, (_, index) => (value >>> (8 * (bytes - 1 - index))) & 0xff);
}

/** The Internet checksum (RFC 1071), of bytes in which its own place is 0. */
function checksum(bytes: Uint8Array, start = 0): number {
  let sum = start + sumOf(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function sumOf(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte, index) => sum + (index % 2 === 0 ? byte * 256 : byte), 0);
}
