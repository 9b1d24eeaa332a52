import { parser, type Packet, type Parser } from 'mqtt-packet';

type End = 'client' | 'broker';

/**
 * Names the MQTT packets in the plaintext streams of both ends, each in order (OASIS MQTT 3.1.1 and 5.0 §3). What CONNECT
 * says of the version holds for both. What is secret in them is not named.
 */
export class MqttReader {
  readonly #parsers: Partial<Record<End, Parser>> = {};
  readonly #named: string[] = [];
  /** The parsers look at it again for each packet. */
  readonly #settings: { protocolVersion: 4 | 5 } = { protocolVersion: 4 };
  #broken = false;

  /** The next bytes of an end; answers the packets that end in them, and nothing once something was no MQTT. */
  read(from: End, bytes: Buffer): string[] {
    if (this.#broken) return [];
    this.#parsers[from] ??= this.#parser();
    this.#parsers[from].parse(bytes);
    return this.#named.splice(0);
  }

  #parser(): Parser {
    const made = parser(this.#settings);
    made.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect' && packet.protocolVersion === 5) this.#settings.protocolVersion = 5;
      this.#named.push(nameOf(packet));
    });
    made.on('error', () => (this.#broken = true));
    return made;
  }
}

/** `PUBLISH (QoS 1, id 2, topic mtb/0/0, 64 bytes)`. */
function nameOf(packet: Packet): string {
  const details = detailsOf(packet);
  return `${packet.cmd.toUpperCase()}${details.length === 0 ? '' : ` (${details.join(', ')})`}`;
}

function detailsOf(packet: Packet): string[] {
  const id = packet.messageId === undefined ? [] : [`id ${packet.messageId}`];
  if (packet.cmd === 'connect')
    return [`client ${packet.clientId}`, `MQTT ${packet.protocolVersion === 5 ? '5.0' : '3.1.1'}`];
  if (packet.cmd === 'connack') {
    const code = packet.reasonCode ?? packet.returnCode ?? 0;
    return [code === 0 ? 'accepted' : `refused, code ${code}`];
  }
  if (packet.cmd === 'publish') {
    const { qos, topic, payload, dup, retain } = packet;
    const flags = [...(dup ? ['DUP'] : []), ...(retain ? ['RETAIN'] : [])];
    return [`QoS ${qos}`, ...(qos === 0 ? [] : id), `topic ${topic}`, `${payload.length} bytes`, ...flags];
  }
  if (packet.cmd === 'subscribe')
    return [...id, ...packet.subscriptions.map(({ topic, qos }) => `topic ${topic}, QoS ${qos}`)];
  if (packet.cmd === 'unsubscribe')
    return [...id, ...packet.unsubscriptions.map((topic) => `topic ${topic}`)];
  if (packet.cmd === 'suback') return [...id, `granted ${Array.from<unknown>(packet.granted).join(' ')}`];
  if (packet.cmd === 'pingreq' || packet.cmd === 'pingresp') return [];
  const { reasonCode = 0 } = packet;
  return [...id, ...(reasonCode === 0 ? [] : [`code ${reasonCode}`])];
}
