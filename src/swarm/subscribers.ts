import type { Packet } from 'mqtt';
import { BenchError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Client } from './clients/client.ts';
import { openClient } from './clients/index.ts';
import type { ClientName } from './workloads/settings/common.ts';
import { filterOf } from './names.ts';
import { isAccepted, refusalOf } from './refusal.ts';
import type { Target } from './targets.ts';

export interface StandingOptions {
  client: ClientName;
  clientId: string;
  qos: 0 | 1 | 2;
  timeoutMs: number;
  onMessage: (topic: string, payload: Buffer, atUs: number) => void;
  onLost: (reason: string) => void;
}

/**
 * Connects a client that stays, subscribed to its cell's topics. Resolves when it holds SUBACK; throws a BenchError
 * when that does not happen in time.
 */
export function openSubscriber(target: Target, options: StandingOptions): Promise<Client> {
  const { client, clientId, qos, timeoutMs, onMessage, onLost } = options;
  return new Promise((resolve, reject) => {
    let standing = false;
    const fail = (reason: string): void => {
      clearTimeout(limit);
      if (standing) return onLost(reason);
      connection.destroy();
      return reject(
        new BenchError(
          EXIT.environment,
          `A standing subscriber could not connect with mode ${target.mode}: ${reason}`,
          { mend: 'Run `doctor`, or try the mode alone with `--set modes=[…]`.' },
        ),
      );
    };
    const limit = setTimeout(() => fail(`no SUBACK within ${timeoutMs} ms`), timeoutMs);
    const connection: Client = openClient(
      client,
      target,
      { clientId },
      {
        onPacket: (packet: Packet, atUs) => {
          if (isAccepted(packet)) {
            connection.subscribe(filterOf(target.cell), qos);
          } else if (packet.cmd === 'suback') {
            const refusal = refusalOf(packet);
            if (refusal !== undefined) return fail(`${refusal.reason} (${refusal.detail})`);
            standing = true;
            clearTimeout(limit);
            resolve(connection);
          } else if (packet.cmd === 'publish') {
            const { payload } = packet;
            onMessage(packet.topic, typeof payload === 'string' ? Buffer.from(payload) : payload, atUs);
          }
        },
        onFailure: ({ reason, detail }) => fail(`${reason} (${detail})`),
      },
    );
  });
}
