import { parser as newParser, type Packet, type Parser } from 'mqtt-packet';

export interface PacketEvents {
  onPacket(packet: Packet): void;
  onMalformed(error: Error): void;
}

type ProtocolVersion = 4 | 5;

/** A parser that is lent to one connection after the other. */
interface Lent {
  parser: Parser;
  to: PacketEvents | undefined;
}

const LENT = new Map<ProtocolVersion, Lent>();

/**
 * Reads the packets of one connection. As long as they come whole, which small ones do, all connections of a process
 * share mqtt-packet's parser, so that none has one of its own to make and to keep; a connection whose packets are cut has.
 */
export class PacketReader {
  readonly #version: ProtocolVersion;
  readonly #events: PacketEvents;
  #own: Parser | undefined;

  constructor(version: ProtocolVersion, events: PacketEvents) {
    this.#version = version;
    this.#events = events;
  }

  read(bytes: Buffer): void {
    if (this.#own !== undefined) {
      this.#own.parse(bytes);
      return;
    }
    const whole = wholePackets(bytes);
    if (whole > 0) this.#readWhole(whole === bytes.length ? bytes : bytes.subarray(0, whole));
    if (whole === bytes.length) return;
    this.#own = parserFor(this.#version, this.#events);
    this.#own.parse(bytes.subarray(whole));
  }

  #readWhole(bytes: Buffer): void {
    const lent = lentParser(this.#version);
    lent.to = this.#events;
    lent.parser.parse(bytes);
    lent.to = undefined;
  }
}

function lentParser(version: ProtocolVersion): Lent {
  const known = LENT.get(version);
  if (known !== undefined) return known;
  const lent: Lent = {
    parser: parserFor(version, {
      onPacket: (packet) => lent.to?.onPacket(packet),
      onMalformed: (error) => lent.to?.onMalformed(error),
    }),
    to: undefined,
  };
  LENT.set(version, lent);
  return lent;
}

function parserFor(protocolVersion: ProtocolVersion, events: PacketEvents): Parser {
  const parser = newParser({ protocolVersion });
  parser.on('packet', (packet) => events.onPacket(packet));
  // After an error it begins afresh with what it is given next.
  parser.on('error', (error) => events.onMalformed(error));
  return parser;
}

/** Bytes of Remaining Length at most (OASIS MQTT 3.1.1 §2.2.3). */
const LENGTH_BYTES = 4;

/** How many of the bytes belong to packets that are whole: a byte, Remaining Length in groups of seven bits, and so many bytes. */
function wholePackets(bytes: Buffer): number {
  let whole = 0;
  for (;;) {
    let length = 0;
    let at = whole + 1;
    for (let group = 0; ; group++) {
      const byte = bytes[at++];
      if (byte === undefined || group === LENGTH_BYTES) return whole;
      length += (byte & 0x7f) << (7 * group);
      if (byte < 0x80) break;
    }
    if (at + length > bytes.length) return whole;
    whole = at + length;
  }
}
