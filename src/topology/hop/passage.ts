import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { parser } from 'mqtt-packet';
import type { Arrival } from '../../broker/arrivals.ts';
import { messageOf } from '../../errors.ts';
import { nowUs } from '../../measure/clock.ts';
import { describeTls } from '../../modes/observe.ts';
import type { HopRecord } from '../hop-record.ts';
import type { InnerConnection } from './inner.ts';

/**
 * Passes on what a client and the broker send each other, from when the hop's own connection is ready. `onRecord` is
 * told once, when the client's identifier is known: the record is filled as the passage goes on.
 */
export function pass(
  client: Socket,
  arrived: Arrival,
  inner: InnerConnection,
  warm: boolean,
  onRecord: (record: HopRecord) => void,
): void {
  const held: Buffer[] = [];
  let broker: Socket | undefined;
  let firstByteUs: number | undefined;
  let record: HopRecord | undefined;
  let failure: HopRecord['inner']['failure'];
  const connect = parser();
  connect.on('packet', (packet) => {
    if (record !== undefined || packet.cmd !== 'connect') return;
    record = {
      clientId: packet.clientId,
      outer: {
        acceptedUs: arrived.acceptedUs,
        ...(arrived.handshakeDoneUs === undefined ? {} : { handshakeDoneUs: arrived.handshakeDoneUs }),
        firstByteUs: firstByteUs ?? nowUs(),
        negotiated:
          client instanceof TLSSocket ? describeTls(client, arrived.pskIdentity, true) : { noDelay: true },
      },
      inner: { dialledUs: inner.dialledUs, warm, negotiated: {} },
    };
    onRecord(record);
  });
  // Whatever is no MQTT is the broker's to refuse.
  connect.on('error', () => {});

  /** Looked at after it has left, so that looking does not move what is measured. */
  const look = (chunk: Buffer): void => {
    if (record === undefined) connect.parse(chunk);
    if (record === undefined || (record.inner.readyUs !== undefined && failure === undefined)) return;
    const { readyUs, local } = inner;
    Object.assign(record.inner, {
      ...(readyUs === undefined ? {} : { readyUs }),
      ...(local === undefined ? {} : { local }),
      ...(failure === undefined ? {} : { failure }),
      negotiated: readyUs === undefined ? {} : inner.negotiated,
    });
  };
  const forward = (chunk: Buffer): void => {
    if (broker?.write(chunk) === false) client.pause();
    look(chunk);
  };

  client.on('data', (chunk: Buffer) => {
    firstByteUs ??= nowUs();
    if (failure !== undefined) {
      look(chunk);
      client.destroy();
    } else if (broker === undefined) {
      held.push(chunk);
      client.pause();
    } else forward(chunk);
  });
  client.on('error', () => {});
  client.once('end', () => broker?.end());
  // A client that goes before the broker can be spoken to leaves a handshake that is still brought to its end.
  client.once('close', () => broker?.destroy());

  inner.ready.then(
    (ready) => {
      broker = ready;
      for (const chunk of held.splice(0)) forward(chunk);
      ready.on('drain', () => client.resume());
      ready.once('close', () => client.destroy());
      ready.on('error', () => client.destroy());
      if (client.destroyed) {
        ready.end();
        return;
      }
      ready.pipe(client);
      client.resume();
    },
    (error: Error & { code?: string }) => {
      failure = { reason: `hop:${error.code ?? 'no-connection'}`, detail: messageOf(error) };
      // Its identifier is in what it has said or is about to say: the record must name who was sent away.
      for (const chunk of held.splice(0)) look(chunk);
      if (record === undefined) client.resume();
      else client.destroy();
    },
  );
}
