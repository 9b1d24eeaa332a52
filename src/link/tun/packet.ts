/** IPv4 (RFC 791) and TCP (RFC 9293) header fields that a delay line needs. */

const TCP = 6;
const SYN = 0x02;
const RST = 0x04;
const FIN = 0x01;
const PSH = 0x08;
const ACK = 0x10;

/** What a packet says of its TCP segment. */
export interface Segment {
  sourcePort: number;
  destinationPort: number;
  /** Fourth byte groups of the addresses, as one number each. */
  source: number;
  destination: number;
  sequence: number;
  /** The next byte that its sender awaits from the other end; meaningless without `ack`. */
  acknowledges: number;
  /** Where in the packet the payload begins. */
  payloadAt: number;
  payloadBytes: number;
  syn: boolean;
  ack: boolean;
  fin: boolean;
  rst: boolean;
  psh: boolean;
}

/** Reads the headers of an IPv4 packet that carries TCP; undefined for anything else. */
export function readSegment(packet: Uint8Array): Segment | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (packet.length < 40 || view.getUint8(0) >> 4 !== 4 || view.getUint8(9) !== TCP) return undefined;
  const ipBytes = (view.getUint8(0) & 0x0f) * 4;
  if (packet.length < ipBytes + 20) return undefined;
  const tcpBytes = (view.getUint8(ipBytes + 12) >> 4) * 4;
  const flags = view.getUint8(ipBytes + 13);
  return {
    source: view.getUint32(12),
    destination: view.getUint32(16),
    sourcePort: view.getUint16(ipBytes),
    destinationPort: view.getUint16(ipBytes + 2),
    sequence: view.getUint32(ipBytes + 4),
    acknowledges: view.getUint32(ipBytes + 8),
    payloadAt: ipBytes + tcpBytes,
    payloadBytes: view.getUint16(2) - ipBytes - tcpBytes,
    syn: (flags & SYN) !== 0,
    ack: (flags & ACK) !== 0,
    fin: (flags & FIN) !== 0,
    rst: (flags & RST) !== 0,
    psh: (flags & PSH) !== 0,
  };
}

/**
 * Swaps source and destination address, so that a packet of this host comes back to this host as if from the other
 * one. The checksums stay valid: they are sums in which the order of the words does not matter (RFC 1071).
 */
export function turnAround(packet: Uint8Array): void {
  for (let byte = 12; byte < 16; byte++) {
    const source = packet[byte] ?? 0;
    packet[byte] = packet[byte + 4] ?? 0;
    packet[byte + 4] = source;
  }
}

/** An IPv4 address as text. */
export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** An IPv4 address as a number. */
export function addressNumber(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
