import { ReasonCodes, type Packet } from 'mqtt';
import type { Failure } from './failure.ts';

/** From here on a reason code means failure (OASIS MQTT 5.0 §2.4); MQTT 3.1.1 has 0x80 in SUBACK alone (§3.9.3). */
const FAILURE = 0x80;

/**
 * What a broker refuses by a packet, with the reason such as `puback:0x87`; undefined for a packet that refuses nothing.
 * A CONNACK that refuses is not looked at here: mqtt.js makes an error of it.
 */
export function refusalOf(packet: Packet): Failure | undefined {
  const code = reasonCodes(packet).find((code) => code >= FAILURE);
  // A broker of MQTT 5 that sends DISCONNECT ends the connection, whatever its reason (§3.14.4).
  const refused = code ?? (packet.cmd === 'disconnect' ? (packet.reasonCode ?? 0) : undefined);
  if (refused === undefined) return undefined;
  const names: Record<number, string> = ReasonCodes;
  return {
    reason: `${packet.cmd}:0x${refused.toString(16).padStart(2, '0')}`,
    detail: `The broker answered ${packet.cmd.toUpperCase()}: ${names[refused] || 'no reason given'}`,
  };
}

/** Whether a packet is a CONNACK that accepts, in either version of MQTT. */
export function isAccepted(packet: Packet): boolean {
  return packet.cmd === 'connack' && (packet.reasonCode ?? packet.returnCode) === 0;
}

function reasonCodes(packet: Packet): number[] {
  if (packet.cmd === 'suback')
    return Array.from<unknown>(packet.granted).filter((granted) => typeof granted === 'number');
  const { cmd } = packet;
  const acknowledges = cmd === 'puback' || cmd === 'pubrec' || cmd === 'pubcomp';
  return (acknowledges || cmd === 'disconnect') && packet.reasonCode !== undefined ? [packet.reasonCode] : [];
}
