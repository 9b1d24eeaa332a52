import type { Segment } from '../link/tun/packet.ts';

/** What a segment is to the stream of its sender. */
export type Place =
  | 'next'
  /** All of it was there before. */
  | 'retransmission'
  /** Bytes before it have not come. */
  | 'behind-hole'
  /** It brings bytes that others, which came before it, stand behind. */
  | 'fills-hole';

/** What a segment brings of its sender's stream. */
export interface Taken {
  place: Place;
  /** What is there now without a hole and was not before. */
  bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** Puts one end's stream together from its segments as they come: lost, late, twice or out of order (RFC 9293 §3.10). */
export class TcpStream {
  #first: number | undefined;
  /** How far the stream is there; the SYN and the FIN count as a byte. */
  #next = 0;
  #behind: { from: number; bytes: Uint8Array }[] = [];

  /** The sequence number of a segment as a capture shows it: that of the SYN is 0. */
  relative(sequence: number): number {
    this.#first ??= sequence;
    // They wrap; what is of interest is a small number (RFC 1982).
    return (sequence - this.#first) | 0;
  }

  /** Takes a segment; its payload stands in the packet. */
  take({ sequence, payloadAt, payloadBytes, syn, fin, rst }: Segment, packet: Uint8Array): Taken {
    const from = this.relative(sequence) + (syn ? 1 : 0);
    const end = from + payloadBytes + (fin ? 1 : 0);
    if (syn) {
      const place = this.#next > 0 ? 'retransmission' : 'next';
      this.#next = Math.max(this.#next, 1);
      return { place, bytes: NOTHING };
    }
    if (rst || end === from) return { place: 'next', bytes: NOTHING };
    if (end <= this.#next) return { place: 'retransmission', bytes: NOTHING };
    const payload = packet.subarray(payloadAt, payloadAt + payloadBytes);
    if (from > this.#next) {
      this.#behind.push({ from, bytes: payload });
      return { place: 'behind-hole', bytes: NOTHING };
    }
    const place = this.#behind.length > 0 ? 'fills-hole' : 'next';
    const pieces = [payload.subarray(this.#next - from)];
    this.#next = end;
    for (let piece = this.#joining(); piece !== undefined; piece = this.#joining()) {
      pieces.push(piece.bytes.subarray(Math.max(0, this.#next - piece.from)));
      this.#next = Math.max(this.#next, piece.from + piece.bytes.length);
    }
    return { place, bytes: Buffer.concat(pieces) };
  }

  #joining(): { from: number; bytes: Uint8Array } | undefined {
    const next = this.#behind.findIndex(({ from }) => from <= this.#next);
    return next < 0 ? undefined : this.#behind.splice(next, 1)[0];
  }
}
