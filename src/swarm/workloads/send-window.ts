import type { Packet } from 'mqtt-packet';
import type { Qos } from '../clients/client.ts';

/**
 * Messages of one client that the broker has not acknowledged yet, no more of them than its Receive Maximum (OASIS MQTT 5
 * §3.2.2.3.3, §4.9): a broker sends away who does not keep to it. What has to wait leaves in order.
 */
export class SendWindow {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #draining = false;

  private constructor(receiveMaximum: number) {
    this.#free = receiveMaximum;
  }

  /** By the broker's CONNACK; undefined where it says nothing of it, as in MQTT 3.1.1, and at QoS 0, of which it says nothing. */
  static of(connack: Packet, qos: Qos): SendWindow | undefined {
    const most = connack.cmd === 'connack' ? connack.properties?.receiveMaximum : undefined;
    return most === undefined || qos === 0 ? undefined : new SendWindow(most);
  }

  /** Sends now or when there is room. */
  enter(send: () => void): void {
    this.#waiting.push(send);
    this.#drain();
  }

  /** One was acknowledged, or never will be. */
  leave(): void {
    this.#free++;
    this.#drain();
  }

  /** Sending on a closed connection is told at once, and must not nest as deep as messages wait. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#free > 0) {
      const send = this.#waiting.shift();
      if (send === undefined) break;
      this.#free--;
      send();
    }
    this.#draining = false;
  }
}
