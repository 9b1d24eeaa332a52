import type { StreamMarks } from './stream-marks.ts';

/** OASIS MQTT 3.1.1 §2.2.1: control packet types. */
const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
/** §2.2.3: a remaining length has at most four bytes, the lowest seven bits first. */
const LENGTH_BYTES = 4;
/** A client that has not published by then is no publisher. */
const PACKETS = 64;

/** Reads the packets' fixed headers in the bytes of a connection without TLS; never throws. */
export class MqttTap {
  readonly marks: StreamMarks = {};
  #done = false;
  /** Bytes of the client's stream that were read. */
  #at = 0;
  #packets = 0;
  /** Of the header that is being read; undefined between packets. */
  #header: { type: number; length: number; lengthBytes: number } | undefined;
  /** Where the packet after this one begins. */
  #nextAt = 0;

  /** The next bytes of an end's stream. */
  feed(from: 'client' | 'broker', bytes: Uint8Array): void {
    if (from === 'broker') this.#readBroker(bytes);
    else this.#readClient(bytes);
  }

  /** Bytes were missed: what follows cannot be read. */
  miss(): void {
    this.#done = true;
  }

  #readBroker([first]: Uint8Array): void {
    if (this.#done || this.marks.connack !== undefined || first === undefined) return;
    if (this.marks.connect !== undefined && first >> 4 === CONNACK) this.marks.connack = 1;
    else this.#done = true;
  }

  #readClient(bytes: Uint8Array): void {
    const from = this.#at;
    this.#at += bytes.length;
    while (!this.#done && this.marks.publish === undefined && this.#nextAt < this.#at)
      this.#readByte(bytes[this.#nextAt - from] ?? 0);
  }

  #readByte(byte: number): void {
    this.#nextAt++;
    if (this.#header === undefined) {
      this.#header = { type: byte >> 4, length: 0, lengthBytes: 0 };
      if (this.#packets++ === 0) {
        if (this.#header.type === CONNECT) this.marks.connect = 1;
        else this.#done = true;
      }
      if (this.#packets > PACKETS) this.#done = true;
      return;
    }
    const header = this.#header;
    header.length += (byte & 0x7f) * 128 ** header.lengthBytes++;
    if ((byte & 0x80) !== 0) {
      if (header.lengthBytes === LENGTH_BYTES) this.#done = true;
      return;
    }
    this.#nextAt += header.length;
    this.#header = undefined;
    if (header.type === PUBLISH) this.marks.publish = this.#nextAt;
  }
}
