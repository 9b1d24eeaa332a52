import { connect as tcpConnect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { generate } from 'mqtt-packet';
import { BROKER_NAME } from '../../../src/pki/material.ts';
import type { Target } from '../../../src/swarm/targets.ts';

/** A packet type of MQTT in the first four bits of a byte (OASIS MQTT 3.1.1 §2.2.1). */
const CONNACK = 2;
const PINGRESP = 13;

/** CONNECT of a client identifier, as every client sends it. */
export function connectPacket(clientId: string, keepalive = 0): Buffer {
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId,
    keepalive,
  });
}

/**
 * The least that a connection costs in Node: a socket, TLS with verification where the target has it, a packet that is
 * made already, and the first bytes of the answer. `onPacket` is told a packet's type.
 */
export function bareConnect(
  target: Target,
  packet: Buffer,
  events: { onPacket: (type: 'connack' | 'pingresp') => void; onEnd: (reason: string) => void },
): Socket {
  const { tls, host, port, noDelay } = target;
  const socket =
    tls === undefined
      ? tcpConnect({ host, port, noDelay })
      : tlsConnect({
          host,
          port,
          secureContext: tls.context,
          servername: BROKER_NAME,
          rejectUnauthorized: true,
          ...pskOf(tls.psk),
        });
  if (tls !== undefined) socket.setNoDelay(noDelay);
  socket.on('data', (bytes: Buffer) => {
    const type = (bytes[0] ?? 0) >> 4;
    if (type === CONNACK) events.onPacket('connack');
    else if (type === PINGRESP) events.onPacket('pingresp');
  });
  socket.on('error', (error) => events.onEnd(error.message));
  socket.on('close', () => events.onEnd('closed'));
  socket.write(packet);
  return socket;
}

function pskOf(psk: { identity: string; key: Buffer } | undefined): object {
  return psk === undefined
    ? {}
    : {
        pskCallback: () => ({ psk: psk.key, identity: psk.identity }),
        // The PSK itself authenticates the broker (RFC 4279 §7).
        checkServerIdentity: () => undefined,
      };
}
