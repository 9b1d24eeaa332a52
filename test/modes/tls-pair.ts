import { once } from 'node:events';
import { connect as tcpConnect, type AddressInfo } from 'node:net';
import { connect, createSecureContext, createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import type { Negotiated } from '../../src/measure/negotiated.ts';
import type { Mode } from '../../src/modes/mode.ts';
import { describeTls } from '../../src/modes/observe.ts';
import { BROKER_NAME, type BrokerMaterial, type ClientMaterial } from '../../src/pki/material.ts';

export interface Ends {
  broker: { mode: Mode; material: BrokerMaterial };
  client: { mode: Mode; material: ClientMaterial; session?: Buffer };
}

/** What became of one TLS connection over loopback. */
export interface Outcome {
  /** What each end says was negotiated; undefined when its handshake was not done. */
  client: Negotiated | undefined;
  broker: Negotiated | undefined;
  /** The error that the client's handshake ended with. */
  clientError: (Error & { code?: string }) | undefined;
  /** Whether the client's application data arrived at the broker and the answer at the client. */
  echoed: boolean;
  /** Sessions that the client may resume. */
  sessions: Buffer[];
}

/** Connects both ends of a TLS mode over a real socket, and sends a message there and back. */
export async function connectPair({ broker, client }: Ends): Promise<Outcome> {
  const outcome: Outcome = {
    client: undefined,
    broker: undefined,
    clientError: undefined,
    echoed: false,
    sessions: [],
  };
  const options = broker.mode.broker(broker.material);
  const security = client.mode.client(client.material);
  if (options === undefined || security === undefined) throw new Error('Both modes must have TLS');
  let brokerIdentity: string | undefined;
  const { pskCallback } = options;
  const watched: TlsOptions = { ...options };
  if (pskCallback !== undefined) {
    watched.pskCallback = (socket, identity) => {
      brokerIdentity = identity;
      return pskCallback(socket, identity);
    };
  }
  const server = createServer(watched);
  server.on('secureConnection', (socket: TLSSocket) => {
    outcome.broker = describeTls(socket, brokerIdentity, true);
    socket.on('error', () => {}).pipe(socket);
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');

  const raw = tcpConnect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(raw, 'connect');
  const { psk } = security;
  let clientIdentity: string | undefined;
  const socket = connect({
    socket: raw,
    secureContext: createSecureContext(security.context),
    servername: BROKER_NAME,
    ...(client.session && { session: client.session }),
    ...(psk && {
      pskCallback: () => {
        clientIdentity = psk.identity;
        return { psk: psk.key, identity: psk.identity };
      },
      checkServerIdentity: () => undefined,
    }),
  });
  socket.on('session', (session: Buffer) => outcome.sessions.push(session));
  socket.once('secureConnect', () => {
    outcome.client = describeTls(socket, clientIdentity, true);
    socket.write('ping');
  });
  socket.once('data', () => {
    outcome.echoed = true;
    socket.end();
  });
  socket.once('error', (error) => (outcome.clientError = error));
  await new Promise((resolve) => socket.once('close', resolve));
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}
