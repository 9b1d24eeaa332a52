import type { PacketCounts } from '../../measure/packet-counts.ts';
import type { Flow } from '../backend.ts';
import { FlowRecorder } from '../flow-recorder.ts';
import { InOrder } from './in-order.ts';
import { addressText, type Segment } from './packet.ts';

/** One connection as its packets tell it. */
interface Entry {
  recorder: FlowRecorder;
  acceptedUs: number | undefined;
  retransmitted: number;
  /** The sequence number behind the last byte seen, by sender; undefined before the SYN. */
  next: { client: number | undefined; broker: number | undefined };
  packets: PacketCounts;
  /** The sequence number behind each end's FIN; what acknowledges both ends the connection. */
  fin: { client: number | undefined; broker: number | undefined };
  acknowledged: Set<'client' | 'broker'>;
  /** The sequence number of the client's first byte, and what has come to the broker from there on. */
  firstByte: number;
  atBroker: InOrder;
}

/** One connection of a link while it is open: the client's port alone may be used towards two listeners at once. */
export function connectionKey(from: 'client' | 'broker', segment: Segment): number {
  const [client, broker] =
    from === 'client'
      ? [segment.sourcePort, segment.destinationPort]
      : [segment.destinationPort, segment.sourcePort];
  return client * 65_536 + broker;
}

/** Follows the TCP connections of one link by their segments as they leave their senders and come to the broker. */
export class FlowTable {
  readonly #linkId: string;
  readonly #onFlow: (flow: Flow) => void;
  readonly #entries = new Map<number, Entry>();

  constructor(linkId: string, onFlow: (flow: Flow) => void) {
    this.#linkId = linkId;
    this.#onFlow = onFlow;
  }

  /** A segment has left its sender in this packet; microseconds of the monotonic clock. */
  segment(from: 'client' | 'broker', segment: Segment, packet: Uint8Array, nowUs: number): void {
    const key = connectionKey(from, segment);
    if (from === 'client' && segment.syn) this.#open(key, segment, nowUs);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (from === 'broker' && segment.syn) entry.acceptedUs ??= nowUs;
    count(entry.packets, from, segment);
    this.#data(entry, from, segment, packet, nowUs);
    if (segment.fin) entry.fin[from] = (segment.sequence + segment.payloadBytes + 1) >>> 0;
    const other = from === 'client' ? 'broker' : 'client';
    const awaited = entry.fin[other];
    // The difference as a signed 32-bit number, since sequence numbers wrap (RFC 1982).
    if (segment.ack && awaited !== undefined && ((segment.acknowledges - awaited) | 0) >= 0)
      entry.acknowledged.add(other);
    if (segment.rst || entry.acknowledged.size === 2) this.#close(key);
  }

  /** A segment of the client's has come to the broker's end. */
  arrived(segment: Segment, nowUs: number): void {
    const entry = this.#entries.get(connectionKey('client', segment));
    if (entry === undefined || segment.syn || segment.rst) return;
    entry.recorder.accepted(nowUs);
    if (segment.payloadBytes === 0) return;
    // Signed, as far as 2 GiB into the stream; long before that all has been told.
    const from = (segment.sequence - entry.firstByte) | 0;
    if (from < 0) return;
    entry.recorder.arrived(entry.atBroker.take(from, from + segment.payloadBytes), nowUs);
  }

  /** A packet of the connection was released so much too late. */
  late(key: number, lateUs: number): void {
    this.#entries.get(key)?.recorder.late(lateUs);
  }

  /** Tells what is still open as it is. */
  flush(): void {
    for (const key of this.#entries.keys()) this.#close(key);
  }

  #open(key: number, segment: Segment, nowUs: number): void {
    const before = this.#entries.get(key);
    // Sent again, which its data will tell.
    if (before?.next.client === (segment.sequence + 1) >>> 0) return;
    const client = { host: addressText(segment.source), port: segment.sourcePort };
    this.#entries.set(key, {
      recorder: new FlowRecorder(client, segment.destinationPort, this.#linkId, nowUs),
      acceptedUs: undefined,
      retransmitted: 0,
      next: { client: undefined, broker: undefined },
      packets: { up: 0, down: 0, bytesUp: 0, bytesDown: 0 },
      fin: { client: undefined, broker: undefined },
      acknowledged: new Set(),
      firstByte: (segment.sequence + 1) >>> 0,
      atBroker: new InOrder(),
    });
  }

  #data(entry: Entry, from: 'client' | 'broker', segment: Segment, packet: Uint8Array, nowUs: number): void {
    const { payloadAt, payloadBytes, rst } = segment;
    const bytes = payloadBytes + (segment.syn || segment.fin ? 1 : 0);
    const end = (segment.sequence + bytes) >>> 0;
    const next = entry.next[from];
    // Sequence numbers wrap; the difference as a signed 32-bit number tells what is new (RFC 1982).
    const fresh = next === undefined ? bytes : (end - next) | 0;
    if (fresh > 0) {
      entry.next[from] = end;
      const payload = Math.min(payloadBytes, fresh);
      // Beyond what it carries: a segment before this one never came here. A reset may stand anywhere in its window.
      if (fresh > bytes && !rst) entry.recorder.missed();
      if (payload > 0) {
        entry.recorder.chunk(from, nowUs, payload, nowUs);
        entry.recorder.bytes(
          from,
          packet.subarray(payloadAt + payloadBytes - payload, payloadAt + payloadBytes),
        );
      }
    } else if (bytes > 0) {
      entry.retransmitted++;
    }
  }

  #close(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#onFlow({
      ...entry.recorder.finish(),
      ...(entry.acceptedUs === undefined ? {} : { acceptedUs: entry.acceptedUs }),
      retransmitted: entry.retransmitted,
      packets: entry.packets,
    });
  }
}

/** Counts a packet as it is on an IP link, whatever carries that. */
function count(packets: PacketCounts, from: 'client' | 'broker', { payloadAt, payloadBytes }: Segment): void {
  if (from === 'client') {
    packets.up++;
    packets.bytesUp += payloadAt + payloadBytes;
  } else {
    packets.down++;
    packets.bytesDown += payloadAt + payloadBytes;
  }
}
