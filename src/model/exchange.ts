import type { Activity } from './energy.ts';
import { tripsMs, type LinkTimes } from './predict.ts';
import { atRateMs, HEADER_BYTES } from './serialization.ts';

/** Packets of an exchange over a connection that stands: bytes of what they carry, without headers of TCP and IP. */
export interface Exchange {
  up: number[];
  down: number[];
  /** One-way trips until the client holds the last of it, TCP's acknowledgement where nothing else comes. */
  trips: number;
}

/** A message and what its QoS asks in return (OASIS MQTT 3.1.1 §4.3); `sized` says how large a packet is on the connection. */
export function messageExchange(
  publishBytes: number,
  qos: 0 | 1 | 2,
  sized: (packetBytes: number) => number,
): Exchange {
  const acknowledgement = sized(ACKNOWLEDGEMENT_BYTES);
  return [
    { up: [sized(publishBytes)], down: [], trips: 2 },
    { up: [sized(publishBytes)], down: [acknowledgement], trips: 2 },
    { up: [sized(publishBytes), acknowledgement], down: [acknowledgement, acknowledgement], trips: 4 },
  ][qos] as Exchange;
}

/** PINGREQ and PINGRESP (§3.12, §3.13). */
export function pingExchange(sized: (packetBytes: number) => number): Exchange {
  return { up: [sized(PING_BYTES)], down: [sized(PING_BYTES)], trips: 2 };
}

/** PUBACK, PUBREC, PUBREL and PUBCOMP: a fixed header and the packet identifier. */
const ACKNOWLEDGEMENT_BYTES = 4;
const PING_BYTES = 2;

/** What an exchange asks of a radio over a link: its trips and its bytes, TCP's last acknowledgement with them. */
export function activityOf({ up, down, trips }: Exchange, link: LinkTimes): Activity {
  const packets = (payloads: readonly number[], acknowledgements: number): number =>
    payloads.reduce((sum, payload) => sum + payload + HEADER_BYTES, acknowledgements * HEADER_BYTES);
  // All others ride on the packet that goes the same way next.
  const bytesUp = packets(up, down.length === 0 ? 0 : 1);
  const bytesDown = packets(down, down.length === 0 ? 1 : 0);
  const ms = tripsMs(trips, link) + atRateMs(bytesUp, 'client', link) + atRateMs(bytesDown, 'broker', link);
  return { seconds: ms / 1000, bytesUp, bytesDown };
}
