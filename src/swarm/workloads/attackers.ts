import type { Message } from '../../payload/tampering.ts';
import type { Client } from '../clients/client.ts';
import { openClient } from '../clients/index.ts';
import { isAccepted } from '../refusal.ts';
import type { Target } from '../targets.ts';
import type { ClientName } from './settings/common.ts';

/** Acknowledged, so that one that was taken can be told from one that was not; what is refused ends the connection. */
const QOS = 1;

/**
 * Publishes altered messages where the broker opens them, each over a connection of its own: a broker of MQTT 3.1.1 that
 * refuses a message closes the connection that it came by (§3.3.5), and the publishers' are to stand.
 */
export class Attackers {
  readonly #target: Target;
  readonly #options: { client: ClientName; timeoutMs: number };
  /** With what ends each. */
  readonly #open = new Map<Client, () => void>();

  constructor(target: Target, options: { client: ClientName; timeoutMs: number }) {
    this.#target = target;
    this.#options = options;
  }

  /** Those that were neither acknowledged nor refused yet. */
  get pending(): number {
    return this.#open.size;
  }

  /** Connects and publishes; `onLeft` is told once the message has left, and never when its connection does not stand in time. */
  send(clientId: string, { topic, bytes }: Message, onLeft: () => void): void {
    const { client, timeoutMs } = this.#options;
    const over = (): void => {
      clearTimeout(limit);
      this.#open.delete(connection);
    };
    const giveUp = (): void => {
      connection.destroy();
      over();
    };
    const limit = setTimeout(giveUp, timeoutMs);
    const connection: Client = openClient(
      client,
      this.#target,
      { clientId },
      {
        onPacket: (packet) => {
          if (isAccepted(packet)) {
            connection.publish(topic, bytes, QOS);
            onLeft();
          } else if (packet.cmd === 'puback') {
            over();
            void connection.end();
          }
        },
        onFailure: over,
      },
    );
    this.#open.set(connection, giveUp);
  }

  /** Waits for none of them any more. */
  close(): void {
    for (const giveUp of this.#open.values()) giveUp();
  }
}
