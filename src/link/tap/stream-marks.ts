/** Places in the two streams of a connection, each as the number of bytes up to it. What was not seen is absent. */
export interface StreamMarks {
  /** The client's: behind the last record of its TLS handshake. */
  handshakeEnd?: number;
  /** The broker's: the first byte of what ends its own handshake, where that comes after the client's. */
  answer?: number;
  /** The client's: so much must be there before the first byte of CONNECT can be read. */
  connect?: number;
  /** The broker's: the first byte of CONNACK's packet, or of the record that holds it. */
  connack?: number;
  /** The client's: behind its first PUBLISH, where it can be read. */
  publish?: number;
  /** The client's: behind the last application record that left before CONNACK did; with it a pipelined PUBLISH. */
  together?: number;
  /** The client's: behind its second application record: of one that waited for CONNACK, what it did next. */
  next?: number;
}

/** RFC 8446 §5.1: a record of so many bytes may be the first part of something longer. */
const FULL_BYTES = 2 ** 14;

/**
 * Tells what the application records of a TLS connection hold, by their order alone: MQTT begins with the client's
 * CONNECT and the broker's CONNACK (OASIS MQTT 3.1.1 §3.1, §3.2), and a client that does not pipeline sends nothing
 * before it holds CONNACK.
 *
 * - CONNECT is the client's first application record. All of it must be at the broker before a byte can be decrypted.
 * - CONNACK is the broker's first application record. Where it is long enough to be taken for a session ticket of TLS 1.3
 *   ({@link HiddenHandshake}), it is the broker's last record before the client spoke again: what the client waited for.
 * - PUBLISH is in the client's next application record, or, of a client that pipelines, in the last one before CONNACK.
 *   Of one that may go on in a further record, which is any of 2^14 bytes, the end is not told.
 *
 * What the broker's handshake ends with after the client's Finished (ChangeCipherSpec and Finished of a full handshake of
 * TLS 1.2, RFC 5246 §7.3; the tickets of TLS 1.3, RFC 8446 §4.6.1) leaves when the broker has computed its part.
 */
export class ApplicationMarks {
  readonly marks: StreamMarks = {};
  #clientRecords = 0;
  /** The broker's latest record since CONNECT that is a ticket by its size. */
  #ticket: number | undefined;

  /** Whether all that can be told has been. */
  get done(): boolean {
    return this.#clientRecords > 1 && this.marks.connack !== undefined;
  }

  /** A record of the broker's that belongs to its handshake begins after the client's Finished. */
  answer(start: number): void {
    this.marks.answer ??= start + 1;
  }

  /** An application record of the client begins: bytes before it, up to its end, and its fragment's. */
  client(start: number, end: number, length: number): void {
    const nth = ++this.#clientRecords;
    const whole = length < FULL_BYTES ? { end } : {};
    if (nth === 1) Object.assign(this.marks, { handshakeEnd: start, connect: end });
    else if (nth === 2 && whole.end !== undefined) this.marks.next = whole.end;
    if (this.marks.connack !== undefined) return;
    if (this.#ticket !== undefined) this.marks.connack = this.#ticket + 1;
    else if (whole.end === undefined) delete this.marks.together;
    else this.marks.together = whole.end;
  }

  /** An application record of the broker begins. */
  broker(start: number): void {
    this.marks.connack ??= start + 1;
  }

  /** A record of the broker begins that by its size is a session ticket. */
  ticket(start: number): void {
    if (this.#clientRecords > 0) this.#ticket = start;
  }
}
