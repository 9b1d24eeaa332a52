import { addressText, readSegment, type Segment } from '../link/tun/packet.ts';
import { CONTENT } from '../link/tap/names.ts';
import type { Capture, CapturedPacket } from './capture.ts';
import { KeyLog } from './key-log.ts';
import { MqttReader } from './mqtt-reader.ts';
import { TcpStream, type Place, type Taken } from './tcp-stream.ts';
import { TlsReader, type Named } from './tls-reader.ts';

type End = CapturedPacket['from'];

/** A packet as a protocol analyser lists it. */
export interface Row {
  /** From 1. */
  number: number;
  /** Seconds since the first packet, and since the one before. */
  timeSeconds: number;
  sincePreviousSeconds: number;
  from: End;
  /** `address:port`. */
  source: string;
  destination: string;
  /** The highest that something whole of ends in the packet, or goes on in it. */
  protocol: string;
  /** Of the IP packet. */
  lengthBytes: number;
  /** Sequence numbers count from the SYN, which has 0. */
  tcp: {
    flags: string[];
    sequence: number;
    acknowledgement: number | undefined;
    payloadBytes: number;
    place: Place;
  };
  /** TLS messages, other records and MQTT packets that end in the packet, in order. */
  contents: Named[];
  /** Its payload ends nothing: the number of the packet in which what it belongs to ends, where one does. */
  endsIn: number | undefined;
}

/** A connection's packets, and what their TLS was. */
export interface Dissected {
  rows: Row[];
  tls: { version: string | undefined; suite: string | undefined; unreadRecords: number } | undefined;
}

/** What the first byte of the client says that it speaks. */
type Speaks = 'tls' | 'mqtt' | 'other';

/** OASIS MQTT §2.1.2: the first byte of CONNECT. */
const CONNECT_BYTE = 0x10;

/**
 * Lists the packets of one TCP connection over IPv4, which stand in order of time, and names all that ends in each: TCP
 * segments, TLS messages and MQTT packets, decrypted where the key log has the secrets. What cannot be named is listed as
 * what its record or its segment says that it is. A packet that is no TCP over IPv4 is left out.
 */
export function dissect({ packets, keyLog }: Pick<Capture, 'packets' | 'keyLog'>): Dissected {
  const reader = new ConnectionReader(new KeyLog(keyLog));
  const rows: Row[] = [];
  const pending: Record<End, Row[]> = { client: [], broker: [] };
  const firstNs = packets[0]?.timeNs ?? 0n;
  let previousNs = firstNs;
  for (const packet of packets) {
    const segment = readSegment(packet.bytes);
    if (segment === undefined) continue;
    const { taken, contents, relative, acknowledged } = reader.take(packet, segment);
    const row: Row = {
      number: rows.length + 1,
      timeSeconds: seconds(packet.timeNs - firstNs),
      sincePreviousSeconds: seconds(packet.timeNs - previousNs),
      from: packet.from,
      source: `${addressText(segment.source)}:${segment.sourcePort}`,
      destination: `${addressText(segment.destination)}:${segment.destinationPort}`,
      protocol: 'TCP',
      lengthBytes: packet.bytes.length,
      tcp: {
        flags: flagsOf(segment),
        sequence: relative,
        acknowledgement: acknowledged,
        payloadBytes: segment.payloadBytes,
        place: taken.place,
      },
      contents,
      endsIn: undefined,
    };
    previousNs = packet.timeNs;
    rows.push(row);
    if (contents.length > 0) {
      for (const before of pending[packet.from].splice(0)) before.endsIn = row.number;
    } else if (segment.payloadBytes > 0 && taken.place !== 'retransmission') {
      pending[packet.from].push(row);
    }
  }
  for (const row of rows) row.protocol = protocolOf(row, reader);
  const { tls } = reader;
  return {
    rows,
    tls: tls && { version: tls.version, suite: tls.suite, unreadRecords: tls.unread },
  };
}

/** Both streams of the connection, whatever it speaks. */
class ConnectionReader {
  readonly #streams = { client: new TcpStream(), broker: new TcpStream() };
  readonly #mqtt = new MqttReader();
  readonly #tls: TlsReader;
  speaks: Speaks | undefined;

  constructor(keyLog: KeyLog) {
    this.#tls = new TlsReader(keyLog, this.#mqtt);
  }

  /** Undefined where the client does not speak TLS. */
  get tls(): TlsReader | undefined {
    return this.speaks === 'tls' ? this.#tls : undefined;
  }

  take(
    { from, bytes }: CapturedPacket,
    segment: Segment,
  ): { taken: Taken; contents: Named[]; relative: number; acknowledged: number | undefined } {
    const stream = this.#streams[from];
    const relative = stream.relative(segment.sequence);
    const taken = stream.take(segment, bytes);
    const other = this.#streams[from === 'client' ? 'broker' : 'client'];
    const acknowledged = segment.ack ? other.relative(segment.acknowledges) : undefined;
    return { taken, contents: this.#read(from, taken.bytes), relative, acknowledged };
  }

  #read(from: End, bytes: Uint8Array): Named[] {
    if (bytes.length === 0) return [];
    if (from === 'client') this.speaks ??= speaksBy(bytes[0]);
    if (this.speaks === 'tls') return this.#tls.read(from, bytes);
    if (this.speaks !== 'mqtt') return [];
    return this.#mqtt.read(from, Buffer.from(bytes)).map((name) => ({ protocol: 'MQTT', name }));
  }
}

function speaksBy(first: number | undefined): Speaks {
  if (first === CONTENT.handshake) return 'tls';
  return first === CONNECT_BYTE ? 'mqtt' : 'other';
}

function protocolOf({ contents, tcp }: Row, { speaks, tls }: ConnectionReader): string {
  if (contents.some(({ protocol }) => protocol === 'MQTT')) return 'MQTT';
  if (contents.length === 0 && (tcp.payloadBytes === 0 || tcp.place === 'retransmission')) return 'TCP';
  if (speaks === 'tls') return tls?.version ?? 'TLS';
  return speaks === 'mqtt' ? 'MQTT' : 'TCP';
}

function flagsOf({ syn, fin, rst, psh, ack }: Segment): string[] {
  return Object.entries({ SYN: syn, FIN: fin, RST: rst, PSH: psh, ACK: ack }).flatMap(([name, set]) =>
    set ? [name] : [],
  );
}

function seconds(ns: bigint): number {
  return Number(ns) / 1e9;
}
