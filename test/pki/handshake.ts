import { constants } from 'node:crypto';
import { once } from 'node:events';
import {
  connect as tcpConnect,
  createServer as createTcpServer,
  type AddressInfo,
  type Socket,
} from 'node:net';
import { connect, createServer, type SecureContextOptions, type SecureVersion } from 'node:tls';
import { BROKER_NAME, type BrokerMaterial, type ClientMaterial } from '../../src/pki/material.ts';

export interface Shaken {
  /** The type of the key that the client saw in the broker's certificate, and the broker in the client's. */
  brokerKey: string | undefined;
  clientKey: string | undefined;
  /** Whether a byte of each end arrived at the other. */
  echoed: boolean;
  /** What the broker has against the client's certificate. */
  refusal: string | undefined;
  clientError: (Error & { code?: string }) | undefined;
  /** All that crossed the wire. */
  up: Buffer;
  down: Buffer;
}

export interface Ends {
  broker: BrokerMaterial;
  client: ClientMaterial;
}

/** A mutual handshake of that version over loopback, through a relay that keeps what crosses. */
export async function shakeHands({ broker, client }: Ends, version: SecureVersion): Promise<Shaken> {
  const shaken: Shaken = {
    brokerKey: undefined,
    clientKey: undefined,
    echoed: false,
    refusal: undefined,
    clientError: undefined,
    up: Buffer.alloc(0),
    down: Buffer.alloc(0),
  };
  // TLS 1.2 asks for the curves of the certificates among the groups.
  const both: SecureContextOptions = {
    minVersion: version,
    maxVersion: version,
    ecdhCurve: 'X25519:P-256:P-384',
  };
  const server = createServer({
    ...both,
    ca: broker.caPem,
    ...(broker.crlPem && { crl: broker.crlPem }),
    cert: broker.identity.certPem,
    key: broker.identity.keyPem,
    // A ticket would hold the client's certificates once more, twice over in TLS 1.3.
    secureOptions: constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('secureConnection', (socket) => {
    shaken.clientKey = socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType;
    socket.on('error', () => {}).pipe(socket);
  });
  server.on('tlsClientError', (error, { authorizationError }) => {
    shaken.refusal = authorizationError ? String(authorizationError) : error.message;
  });
  const relay = createTcpServer((near) => {
    const far = tcpConnect((server.address() as AddressInfo).port, '127.0.0.1');
    carry(near, far, (data) => (shaken.up = Buffer.concat([shaken.up, data])));
    carry(far, near, (data) => (shaken.down = Buffer.concat([shaken.down, data])));
  });
  await Promise.all([server, relay].map((each) => once(each.listen(0, '127.0.0.1'), 'listening')));

  const socket = connect({
    ...both,
    host: '127.0.0.1',
    port: (relay.address() as AddressInfo).port,
    servername: BROKER_NAME,
    ca: client.caPem,
    cert: client.identity.certPem,
    key: client.identity.keyPem,
  });
  socket.once('secureConnect', () => {
    shaken.brokerKey = socket.getPeerX509Certificate()?.publicKey.asymmetricKeyType;
    socket.write('?');
  });
  socket.once('data', () => {
    shaken.echoed = true;
    socket.end();
  });
  socket.once('error', (error) => (shaken.clientError = error));
  await new Promise((resolve) => socket.once('close', resolve));
  await Promise.all([server, relay].map((each) => new Promise((resolve) => each.close(resolve))));
  return shaken;
}

function carry(from: Socket, to: Socket, keep: (data: Buffer) => void): void {
  from.on('data', keep).on('error', () => to.destroy());
  // What leads nowhere any more is read on, so that its end is seen.
  to.on('close', () => from.resume());
  from.pipe(to);
}

const HANDSHAKE_RECORD = 22;
const CERTIFICATE_MESSAGE = 11;

/**
 * The certificates, DER, in the first Certificate message that crossed in one direction of a handshake of TLS 1.2, where
 * it can be read (RFC 5246 §6.2.1, §7.4, §7.4.2).
 */
export function certificatesSent(wire: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < wire.length && wire[at] === HANDSHAKE_RECORD; at += 5 + wire.readUInt16BE(at + 3)) {
    records.push(wire.subarray(at + 5, at + 5 + wire.readUInt16BE(at + 3)));
  }
  const messages = Buffer.concat(records);
  for (let at = 0; at < messages.length; at += 4 + messages.readUIntBE(at + 1, 3)) {
    if (messages[at] !== CERTIFICATE_MESSAGE) continue;
    const list = messages.subarray(at + 7, at + 4 + messages.readUIntBE(at + 1, 3));
    const certificates: Buffer[] = [];
    for (let each = 0; each < list.length; each += 3 + list.readUIntBE(each, 3)) {
      certificates.push(list.subarray(each + 3, each + 3 + list.readUIntBE(each, 3)));
    }
    return certificates;
  }
  throw new Error('No certificates crossed');
}
