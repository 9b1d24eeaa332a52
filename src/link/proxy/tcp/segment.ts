import type { Fifo } from '../fifo.ts';

/** A full segment's payload: 1500 less 20 of IP, 20 of TCP and 12 of timestamps (RFC 7323). */
export const MSS_BYTES = 1448;
/** IP, TCP and timestamps: a pure acknowledgement, and what every segment has beside its payload. */
export const HEADER_BYTES = 52;
/** SYN and SYN-ACK: the headers with MSS, SACK permitted, timestamps and window scale. */
export const SYN_BYTES = 60;

/** What a sender is given: bytes, a FIN (`end`), or a RST (`reset`). */
export type Parcel = Buffer | 'end' | 'reset';

/** A piece of the stream as it was first cut; it is sent again as the same piece. */
export interface Segment {
  readonly seq: number;
  /** The sequence number behind it; a FIN takes one, and so does here a RST. */
  readonly end: number;
  readonly payload: readonly Buffer[];
  readonly payloadBytes: number;
  readonly ending: 'end' | 'reset' | undefined;
  /** When its latest copy left. */
  sentUs: number;
  /** When the one that arrived first had left; undefined before that. What an echoed timestamp tells. */
  arrivedSentUs: number | undefined;
  /** The receiver's count when it first arrived; 0 before that. */
  receipt: number;
  retransmitted: boolean;
  sacked: boolean;
  lost: boolean;
}

/** What an acknowledgement says. */
export interface Acknowledgement {
  /** Everything before this sequence number is here. */
  readonly next: number;
  /** How many segments have arrived: all SACK blocks in one number, since each segment has its receipt. */
  readonly receipts: number;
  /** Whether some of them lie behind a hole. */
  readonly hole: boolean;
  /** Whether the latest had come before (RFC 2883). */
  readonly duplicate: boolean;
}

/** Cuts the next segment from what waits to be sent; undefined when nothing does. */
export function cutSegment(waiting: Fifo<Parcel>, seq: number): Segment | undefined {
  const payload: Buffer[] = [];
  let bytes = 0;
  let ending: Segment['ending'];
  while (bytes < MSS_BYTES && ending === undefined) {
    const parcel = waiting.first();
    if (parcel === undefined) break;
    if (typeof parcel === 'string') {
      ending = parcel;
      waiting.shift();
    } else {
      const room = MSS_BYTES - bytes;
      const piece = parcel.length > room ? parcel.subarray(0, room) : parcel;
      if (piece === parcel) waiting.shift();
      else waiting.replaceFirst(parcel.subarray(room));
      payload.push(piece);
      bytes += piece.length;
    }
  }
  const length = bytes + (ending === undefined ? 0 : 1);
  if (length === 0) return undefined;
  return {
    seq,
    end: seq + length,
    payload,
    payloadBytes: bytes,
    ending,
    sentUs: 0,
    arrivedSentUs: undefined,
    receipt: 0,
    retransmitted: false,
    sacked: false,
    lost: false,
  };
}
