import type { Flow } from '../backend.ts';
import { FlowRecorder } from '../proxy/flow.ts';
import { addressText, type Segment } from './packet.ts';

/** One connection as its packets tell it. */
interface Entry {
  recorder: FlowRecorder;
  acceptedUs: number | undefined;
  retransmitted: number;
  /** The sequence number behind the last byte seen, by sender; undefined before the SYN. */
  next: { client: number | undefined; broker: number | undefined };
  ended: Set<'client' | 'broker'>;
}

/** Follows the TCP connections of one link by their segments as they leave their senders. */
export class FlowTable {
  readonly #linkId: string;
  readonly #onFlow: (flow: Flow) => void;
  /** By the client's port, which is one connection's own while that is open. */
  readonly #entries = new Map<number, Entry>();

  constructor(linkId: string, onFlow: (flow: Flow) => void) {
    this.#linkId = linkId;
    this.#onFlow = onFlow;
  }

  /** A segment has left its sender; microseconds of the monotonic clock. */
  segment(from: 'client' | 'broker', segment: Segment, nowUs: number): void {
    const clientPort = from === 'client' ? segment.sourcePort : segment.destinationPort;
    if (from === 'client' && segment.syn) this.#open(clientPort, segment, nowUs);
    const entry = this.#entries.get(clientPort);
    if (entry === undefined) return;
    if (from === 'broker' && segment.syn) entry.acceptedUs ??= nowUs;
    this.#data(entry, from, segment, nowUs);
    if (segment.fin) entry.ended.add(from);
    if (segment.rst || entry.ended.size === 2) this.#close(clientPort);
  }

  /** A packet of the connection was released so much too late. */
  late(clientPort: number, lateUs: number): void {
    this.#entries.get(clientPort)?.recorder.late(lateUs);
  }

  /** Tells what is still open as it is. */
  flush(): void {
    for (const port of this.#entries.keys()) this.#close(port);
  }

  #open(clientPort: number, segment: Segment, nowUs: number): void {
    const before = this.#entries.get(clientPort);
    if (before?.next.client === segment.sequence + 1) {
      before.retransmitted++;
      return;
    }
    const client = { host: addressText(segment.source), port: clientPort };
    this.#entries.set(clientPort, {
      recorder: new FlowRecorder(client, this.#linkId, nowUs),
      acceptedUs: undefined,
      retransmitted: 0,
      next: { client: undefined, broker: undefined },
      ended: new Set(),
    });
  }

  #data(entry: Entry, from: 'client' | 'broker', segment: Segment, nowUs: number): void {
    const bytes = segment.payloadBytes + (segment.syn || segment.fin ? 1 : 0);
    const end = (segment.sequence + bytes) >>> 0;
    const next = entry.next[from];
    // Sequence numbers wrap; the difference as a signed 32-bit number tells what is new (RFC 1982).
    const fresh = next === undefined ? bytes : (end - next) | 0;
    if (fresh > 0) {
      entry.next[from] = end;
      const payload = Math.min(segment.payloadBytes, fresh);
      if (payload > 0) entry.recorder.chunk(from, nowUs, payload, nowUs);
    } else if (bytes > 0) {
      entry.retransmitted++;
    }
  }

  #close(clientPort: number): void {
    const entry = this.#entries.get(clientPort);
    if (entry === undefined) return;
    this.#entries.delete(clientPort);
    this.#onFlow({
      ...entry.recorder.finish(),
      ...(entry.acceptedUs === undefined ? {} : { acceptedUs: entry.acceptedUs }),
      retransmitted: entry.retransmitted,
    });
  }
}
