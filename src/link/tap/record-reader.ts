import { CONTENT } from './names.ts';

/** Type, version and length stand before every record (RFC 8446 §5.1). */
export const RECORD_HEADER_BYTES = 5;

/** RFC 5246 §6.2.3: an encrypted fragment is at most so long. */
const LONGEST = 2 ** 14 + 2048;

export interface RecordEvents {
  /** A header was read; `length` is that of the fragment. */
  onHeader(type: number, length: number): void;
  /** A piece of the fragment. */
  onFragment(type: number, piece: Uint8Array): void;
  onEnd(type: number, length: number): void;
  /** What came is no TLS record. */
  onMalformed(): void;
}

/** Follows the TLS records of one end (RFC 5246 §6.2.1, RFC 8446 §5.1), however its bytes are cut into pieces. */
export class RecordReader {
  readonly #events: RecordEvents;
  readonly #header = new Uint8Array(RECORD_HEADER_BYTES);
  #headerRead = 0;
  #type = 0;
  #length = 0;
  #left = 0;
  #stopped = false;

  constructor(events: RecordEvents) {
    this.#events = events;
  }

  /** Reads no more, not even the rest of what it is reading. */
  stop(): void {
    this.#stopped = true;
  }

  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#stopped) {
      if (this.#headerRead < RECORD_HEADER_BYTES) {
        this.#header[this.#headerRead++] = bytes[at++] ?? 0;
        if (this.#headerRead === RECORD_HEADER_BYTES) this.#begin();
        else if (this.#headerRead <= 2 && !this.#plausible()) this.#events.onMalformed();
      } else {
        const piece = bytes.subarray(at, at + this.#left);
        at += piece.length;
        this.#left -= piece.length;
        this.#events.onFragment(this.#type, piece);
        this.#endIfRead();
      }
    }
  }

  /** Whether the header may be one as far as it is read: all versions in use have the major number 3. */
  #plausible(): boolean {
    const [type = 0, major = 0] = this.#header;
    const known = type >= CONTENT.changeCipherSpec && type <= CONTENT.applicationData;
    return known && (this.#headerRead < 2 || major === 3);
  }

  #begin(): void {
    const [type = 0, , , high = 0, low = 0] = this.#header;
    const length = high * 256 + low;
    if (length > LONGEST) {
      this.#events.onMalformed();
      return;
    }
    this.#type = type;
    this.#length = length;
    this.#left = length;
    this.#events.onHeader(type, length);
    this.#endIfRead();
  }

  #endIfRead(): void {
    if (this.#left > 0 || this.#stopped) return;
    this.#headerRead = 0;
    this.#events.onEnd(this.#type, this.#length);
  }
}
