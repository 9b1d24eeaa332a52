import type { AedesOptions } from 'aedes';
import type { Failure, Opened } from './method.ts';

type AuthorizePublish = NonNullable<AedesOptions['authorizePublish']>;

export interface Decryption {
  /** Opens a message with the broker's keys; undefined for a topic whose payloads are not protected, which pass as they are. */
  open: (topic: string, bytes: Buffer) => Opened | undefined;
  /** Called for each message that is not distributed. */
  onRefused?: (refused: { topic: string; clientId: string | undefined; why: Failure }) => void;
}

/**
 * Aedes' `authorizePublish` for payloads that are protected from client to broker: opens each before it is distributed,
 * retained or stored, so that subscribers get it in clear. What is not genuine is not distributed: the callback gets an
 * error, at which Aedes closes the publisher's connection, since MQTT 3.1.1 has no way to refuse a message (§3.3.5). A
 * message that its client sends again after a reconnect (QoS 1 or 2, DUP) is refused as replayed too.
 */
export function decryptBeforeDistribution({ open, onRefused }: Decryption): AuthorizePublish {
  return (client, packet, done) => {
    const { topic } = packet;
    const opened = open(topic, Buffer.from(packet.payload));
    if (opened === undefined) {
      done();
      return;
    }
    if (opened.verdict === 'genuine') {
      packet.payload = opened.payload;
      done();
      return;
    }
    onRefused?.({ topic, clientId: client?.id, why: opened.verdict });
    done(new Error(`The payload for "${topic}" was refused: ${opened.verdict}`));
  };
}
