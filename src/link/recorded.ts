import * as z from 'zod';
import { nowUs } from '../measure/clock.ts';

/** An IP packet at the clients' end of a link: the client's as it left, the broker's as it came. */
export const recordedSchema = z.strictObject({
  /** Microseconds of the monotonic clock. */
  atUs: z.number(),
  from: z.enum(['client', 'broker']),
  /** From the IP header on. */
  bytes: z.instanceof(Uint8Array),
});

export type RecordedPacket = z.infer<typeof recordedSchema>;

/**
 * Whose packets a backend records: `real` ones of a kernel's TCP, or `synthetic` ones, made of what the stand-in for TCP
 * sent. They follow its model of TCP, with the bytes that really passed; no kernel ever saw them.
 */
export type Recording = 'real' | 'synthetic';

/** Packets are told in batches, away from the lanes. */
const TELL_US = 20_000;

/** Packets that a link's process has recorded, until they are told. Where nobody asked, nothing is kept. */
export class Recorder {
  readonly #tell: ((packets: RecordedPacket[]) => void) | undefined;
  #packets: RecordedPacket[] = [];
  #toldUs = 0;

  constructor(tell: ((packets: RecordedPacket[]) => void) | undefined) {
    this.#tell = tell;
  }

  /** Whether packets are wanted at all. */
  get wanted(): boolean {
    return this.#tell !== undefined;
  }

  /** Keeps a copy of a packet as it is now. */
  add(from: RecordedPacket['from'], bytes: Uint8Array, atUs: number): void {
    if (this.#tell !== undefined) this.#packets.push({ atUs, from, bytes: new Uint8Array(bytes) });
  }

  /** Tells them when it is time to, or at once. */
  tell(atOnce = false): void {
    if (this.#tell === undefined || this.#packets.length === 0) return;
    const now = nowUs();
    if (!atOnce && now - this.#toldUs < TELL_US) return;
    this.#toldUs = now;
    this.#tell(this.#packets);
    this.#packets = [];
  }
}
