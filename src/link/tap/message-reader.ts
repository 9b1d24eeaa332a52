import { MESSAGE } from './names.ts';

/** So much is kept of the messages that are read; of all others nothing. */
const KEPT: Record<number, number> = {
  [MESSAGE.clientHello]: 16_384,
  [MESSAGE.serverHello]: 16_384,
  // Far enough for a PSK identity hint (RFC 5489 §2) before the curve.
  [MESSAGE.serverKeyExchange]: 512,
};

const HEADER_BYTES = 4;

export interface MessageEvents {
  /** A header was read; `bytes` is the whole message with it. */
  onMessage(type: number, bytes: number): void;
  /** A message has ended: its body as far as it is kept, and how many certificates it held if it was Certificate. */
  onBody(type: number, body: Uint8Array, certificates: number): void;
}

/**
 * Follows the plaintext handshake messages of one end across its records (RFC 5246 §7.4, RFC 8446 §4): several may
 * stand in a record, and one may go over several.
 */
export class MessageReader {
  readonly #events: MessageEvents;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerRead = 0;
  #type = 0;
  #left = 0;
  #body = new Uint8Array(0);
  #bodyRead = 0;
  #certificates = new CertificateCounter();

  constructor(events: MessageEvents) {
    this.#events = events;
  }

  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#headerRead < HEADER_BYTES) {
        this.#header[this.#headerRead++] = bytes[at++] ?? 0;
        if (this.#headerRead === HEADER_BYTES) this.#begin();
      } else {
        const piece = bytes.subarray(at, at + this.#left);
        at += piece.length;
        this.#take(piece);
      }
    }
  }

  #begin(): void {
    const [type = 0, high = 0, middle = 0, low = 0] = this.#header;
    this.#type = type;
    this.#left = high * 65_536 + middle * 256 + low;
    this.#body = new Uint8Array(Math.min(this.#left, KEPT[type] ?? 0));
    this.#bodyRead = 0;
    this.#certificates = new CertificateCounter();
    this.#events.onMessage(type, HEADER_BYTES + this.#left);
    if (this.#left === 0) this.#end();
  }

  #take(piece: Uint8Array): void {
    const kept = piece.subarray(0, this.#body.length - this.#bodyRead);
    this.#body.set(kept, this.#bodyRead);
    this.#bodyRead += kept.length;
    if (this.#type === MESSAGE.certificate) this.#certificates.read(piece);
    this.#left -= piece.length;
    if (this.#left === 0) this.#end();
  }

  #end(): void {
    this.#headerRead = 0;
    this.#events.onBody(this.#type, this.#body, this.#certificates.count);
  }
}

/** Counts the certificates of a Certificate message of TLS 1.2 (RFC 5246 §7.4.2) by their lengths alone. */
class CertificateCounter {
  count = 0;
  /** The length of the whole list stands first. */
  #skip = 3;
  #lengthRead = 0;
  #length = 0;

  read(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else {
        this.#length = this.#length * 256 + (bytes[at++] ?? 0);
        if (++this.#lengthRead === 3) {
          this.count++;
          this.#skip = this.#length;
          this.#length = 0;
          this.#lengthRead = 0;
        }
      }
    }
  }
}
