import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import { Aedes } from 'aedes';
import type * as z from 'zod';
import { environmentError, messageOf } from '../errors.ts';
import { nowUs } from '../measure/clock.ts';
import { modeNamed } from '../modes/index.ts';
import { describeTls } from '../modes/observe.ts';
import { rememberSessions } from '../modes/session-cache.ts';
import { readBrokerMaterial } from '../pki/folder.ts';
import { serve } from '../process/serve.ts';
import { describeThisRuntime } from '../runtimes/describe.ts';
import { aedesProtocol, type listenSchema } from './aedes.protocol.ts';
import type { BrokerRecord } from './broker.ts';
import { RecordBook } from './record-book.ts';

type Listen = z.infer<typeof listenSchema>;

/** A connection from its accept on; the record is filled as the connection goes on. */
interface Incoming {
  acceptedUs: number;
  handshakeDoneUs?: number;
  firstByteUs?: number;
  pskIdentity?: string;
  record?: BrokerRecord;
}

serve(aedesProtocol, ({ emit }) => {
  const book = new RecordBook(emit);
  return {
    listen: (params) => listen(params, book),
    flush: () => book.flush(),
  };
});

async function listen(params: Listen, book: RecordBook): Promise<Listening> {
  const door = new Door(params.noDelay);
  const broker = await createBroker(door, book);
  const ports: Listening['ports'] = [];
  const unserved: Listening['unserved'] = [];
  for (const { mode, port = 0 } of params.listeners) {
    const secured = modeNamed(mode);
    const options = secured.broker(await readBrokerMaterial(params.pkiFolder, secured.needs));
    let server: Server;
    try {
      server = door.server(
        options,
        (socket) => void broker.handle(socket),
        (reason) => book.refuse({ mode, atUs: nowUs(), reason }),
      );
    } catch (error) {
      // What the TLS stack does not have.
      unserved.push({ mode, reason: messageOf(error) });
      continue;
    }
    if (secured.resumption === 'session-id') rememberSessions(server);
    await listenOn(server, params.host, port);
    ports.push({ mode, port: (server.address() as AddressInfo).port });
  }
  return { ports, unserved, runtime: describeThisRuntime() };
}

type Listening = z.infer<(typeof aedesProtocol)['calls']['listen']['result']>;

/** Opens listeners and stamps what happens to a connection before Aedes sees it. */
class Door {
  /** By both ends' ports and the client's address, which are one connection's own while it is open. */
  readonly #incoming = new Map<string, Incoming>();
  readonly noDelay: boolean;

  constructor(noDelay: boolean) {
    this.noDelay = noDelay;
  }

  server(
    options: TlsOptions | undefined,
    onReady: (socket: Socket) => void,
    onRefused: (reason: string) => void,
  ): Server {
    const { noDelay } = this;
    if (options === undefined) {
      return createTcpServer({ noDelay }, (socket) => {
        this.#accept(socket);
        this.#ready(socket, onReady);
      });
    }
    const server = createTlsServer({ ...options, noDelay, ...this.#watchPsk(options) }, (socket) => {
      const incoming = this.of(socket);
      if (incoming !== undefined) incoming.handshakeDoneUs = nowUs();
      this.#ready(socket, onReady);
    });
    // Before Node's own listener, which takes its time to set TLS up.
    server.prependListener('connection', (socket: Socket) => this.#accept(socket));
    server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
      // Where a certificate was refused, the error itself tells no more than that the connection ended.
      const refused = socket.authorizationError as Error | string | null | undefined;
      onRefused(refused ? String(refused) : (error.code ?? error.message));
    });
    return server;
  }

  of(socket: Socket): Incoming | undefined {
    return this.#incoming.get(connectionKey(socket));
  }

  #accept(socket: Socket): void {
    const key = connectionKey(socket);
    this.#incoming.set(key, { acceptedUs: nowUs() });
    socket.once('close', () => this.#incoming.delete(key));
  }

  /** First data is stamped when the first application byte can be read, before any parser runs. */
  #ready(socket: Socket, onReady: (socket: Socket) => void): void {
    const incoming = this.of(socket);
    socket.once('readable', () => {
      if (incoming !== undefined) incoming.firstByteUs = nowUs();
    });
    socket.on('error', () => {});
    onReady(socket);
  }

  #watchPsk(options: TlsOptions): Pick<TlsOptions, 'pskCallback'> {
    const { pskCallback } = options;
    if (pskCallback === undefined) return {};
    return {
      pskCallback: (socket, identity) => {
        const incoming = this.of(socket);
        if (incoming !== undefined) incoming.pskIdentity = identity;
        return pskCallback(socket, identity);
      },
    };
  }
}

/** Aedes with hooks that do nothing but stamp. */
async function createBroker(door: Door, book: RecordBook): Promise<Aedes> {
  const recordOf = (client: { conn: unknown } | null): BrokerRecord | undefined =>
    client === null ? undefined : door.of(client.conn as Socket)?.record;
  const broker = await Aedes.createBroker({
    preConnect: (client, packet, done) => {
      const socket = client.conn as Socket;
      const incoming = door.of(socket);
      if (incoming !== undefined) {
        const record: BrokerRecord = {
          clientId: packet.clientId,
          acceptedUs: incoming.acceptedUs,
          handshakeDoneUs: incoming.handshakeDoneUs,
          connectReceivedUs: incoming.firstByteUs ?? nowUs(),
          negotiated: { noDelay: door.noDelay },
        };
        incoming.record = record;
        book.open(record);
        socket.once('close', () => book.close(record));
      }
      done(null, true);
    },
    authorizePublish: (client, _packet, done) => {
      const record = recordOf(client);
      if (record !== undefined) record.publishReceivedUs ??= nowUs();
      done();
    },
  });
  broker.on('connackSent', (_packet, client) => {
    const record = recordOf(client);
    if (record === undefined) return;
    record.connackSentUs = nowUs();
    // Read after CONNACK has left, so that looking does not move what is measured.
    const socket = client.conn;
    if (socket instanceof TLSSocket) {
      record.negotiated = describeTls(socket, door.of(socket)?.pskIdentity, door.noDelay);
    }
  });
  // A client that vanishes is the client's matter: the attempt's own record says what became of it.
  broker.on('clientError', () => {});
  broker.on('connectionError', () => {});
  return broker;
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? environmentError(
              `The broker cannot listen on ${host}:${port}: the port is in use`,
              'End what listens there, or leave `broker.port` out of the scenario and let the system choose.',
            )
          : environmentError(`The broker cannot listen on ${host}:${port}: ${error.message}`),
      );
    });
    // mosquitto's backlog of 100 overflows in bursts; the kernel's own limit caps this one.
    server.listen({ host, port, backlog: 4096 }, resolve);
  });
}

function connectionKey(socket: Socket): string {
  // The kernel gives one local port to several connections of a client when they lead to different listeners.
  return `${socket.remoteAddress}:${socket.remotePort}-${socket.localPort}`;
}
