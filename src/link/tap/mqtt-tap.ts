import { parser } from 'mqtt-packet';
import type { StreamMarks } from './stream-marks.ts';

/** OASIS MQTT 3.1.1 §2.2.1: control packet types. */
const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
/** §2.2.3: a remaining length has at most four bytes, the lowest seven bits first. */
const LENGTH_BYTES = 4;
/** A client that has not published by then is no publisher. */
const PACKETS = 64;
/** The bench's own CONNECT with user name and password is a third of it. */
const CONNECT_BYTES = 512;

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
  /** The first bytes of a client that began with CONNECT. */
  #head: Uint8Array[] | undefined;

  /** The next bytes of an end's stream. */
  feed(from: 'client' | 'broker', bytes: Uint8Array): void {
    if (from === 'broker') this.#readBroker(bytes);
    else this.#readClient(bytes);
  }

  /** Bytes were missed: what follows cannot be read. */
  miss(): void {
    this.#done = true;
    this.#at = Infinity;
  }

  /** The client identifier of CONNECT; undefined where it was not seen whole, or is no CONNECT. */
  get clientId(): string | undefined {
    let found: string | undefined;
    const reader = parser();
    reader.on('packet', (packet) => {
      if (packet.cmd === 'connect') found ??= packet.clientId;
    });
    // What follows CONNECT may be cut off, or be anything.
    reader.on('error', () => {});
    if (this.#head !== undefined) reader.parse(Buffer.concat(this.#head));
    return found;
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
    if (this.marks.connect !== undefined && from < CONNECT_BYTES)
      // What passes is not this tap's to keep.
      (this.#head ??= []).push(bytes.slice(0, CONNECT_BYTES - from));
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
