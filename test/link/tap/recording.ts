import { once } from 'node:events';
import {
  connect as tcpConnect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
} from 'node:net';
import {
  connect,
  createSecureContext,
  createServer,
  type ConnectionOptions,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls';
import { generate } from 'mqtt-packet';
import type { Mode } from '../../../src/modes/mode.ts';
import { BROKER_NAME } from '../../../src/pki/material.ts';
import type { TlsWire } from '../../../src/measure/tls-wire.ts';
import { TlsTap } from '../../../src/link/tap/tls-tap.ts';
import type { Pki } from '../../helpers/pki.ts';

export interface Chunk {
  from: 'client' | 'broker';
  bytes: Buffer;
}

/** A connection as it passed, and what its client says of it. */
export interface Recording {
  chunks: Chunk[];
  client: { suite: string; protocol: string | null; group: string | undefined; reused: boolean } | undefined;
  sessions: Buffer[];
  /** The client's TLS key log. */
  keyLog: string;
  error: Error | undefined;
}

export const CONNECT = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'm1234567',
  clean: true,
  keepalive: 0,
});
export const CONNACK = generate({ cmd: 'connack', returnCode: 0, sessionPresent: false });

/** A server that goes on from one connection to the next, so that its tickets and sessions can be used again. */
export interface TlsListener {
  port: number;
  server: Server;
}

/** Listens with TLS and answers whatever comes first with CONNACK. */
export async function listenTls(options: TlsOptions): Promise<TlsListener> {
  const server = createServer({ ...options, noDelay: true }, (socket) => {
    socket.on('error', () => {}).once('data', () => socket.write(CONNACK));
  });
  server.on('tlsClientError', () => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/**
 * Connects through a relay that notes every chunk, sends CONNECT, and ends when CONNACK came or TLS failed. With `say`
 * false the client takes its leave instead, which TLS does with an alert.
 */
export async function record(port: number, options: ConnectionOptions, say = true): Promise<Recording> {
  const recording: Recording = { chunks: [], client: undefined, sessions: [], keyLog: '', error: undefined };
  const relay = createTcpServer({ noDelay: true }, (client) => {
    const broker = tcpConnect({ port, host: '127.0.0.1', noDelay: true });
    for (const [from, source, sink] of [
      ['client', client, broker],
      ['broker', broker, client],
    ] as const) {
      source.on('data', (bytes: Buffer) => {
        recording.chunks.push({ from, bytes });
        sink.write(bytes);
      });
      source.on('error', () => {}).on('close', () => sink.destroy());
    }
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  const raw = tcpConnect((relay.address() as AddressInfo).port, '127.0.0.1');
  await once(raw, 'connect');
  const socket: TLSSocket = connect({ socket: raw, servername: BROKER_NAME, ...options });
  socket.on('session', (session: Buffer) => recording.sessions.push(session));
  socket.on('keylog', (line: Buffer) => (recording.keyLog += line.toString()));
  socket.once('secureConnect', () => {
    const key = socket.getEphemeralKeyInfo();
    recording.client = {
      suite: socket.getCipher().standardName,
      protocol: socket.getProtocol(),
      group: key !== null && 'name' in key ? key.name : undefined,
      reused: socket.isSessionReused(),
    };
    if (say) socket.write(CONNECT);
    else socket.end();
  });
  // Destroyed, so that no close_notify follows: the last record of each end is its application data.
  socket.once('data', () => setImmediate(() => socket.destroy()));
  socket.once('error', (error) => (recording.error = error));
  await once(socket, 'close').catch(() => {});
  await new Promise((resolve) => relay.close(resolve));
  return recording;
}

/** What a mode's client dials with. */
export function clientOptions(mode: Mode, { client }: Pki): ConnectionOptions {
  const security = mode.client(client);
  if (security === undefined) throw new Error(`${mode.name} has no TLS`);
  const { psk } = security;
  return {
    secureContext: createSecureContext(security.context),
    ...(psk && {
      pskCallback: () => ({ psk: psk.key, identity: psk.identity }),
      checkServerIdentity: () => undefined,
    }),
  };
}

/** Records one connection between the ends of a mode. */
export async function recordMode(mode: Mode, pki: Pki): Promise<Recording> {
  const { server, port } = await listenTls(mode.broker(pki.broker) ?? {});
  try {
    return await record(port, clientOptions(mode, pki));
  } finally {
    server.close();
  }
}

/** What a tap tells of chunks in this order. */
export function tapped(
  chunks: readonly { from: 'client' | 'broker'; bytes: Uint8Array }[],
): TlsWire | undefined {
  const tap = new TlsTap();
  for (const { from, bytes } of chunks) tap.feed(from, bytes);
  return tap.finish();
}

/** How many bytes an end sent in all. */
export function sent(recording: Recording, from: 'client' | 'broker'): number {
  return recording.chunks.reduce((sum, chunk) => sum + (chunk.from === from ? chunk.bytes.length : 0), 0);
}
