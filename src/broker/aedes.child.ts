import type { Server, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type * as z from 'zod';
import { messageOf } from '../errors.ts';
import { nowUs } from '../measure/clock.ts';
import { modeNamed } from '../modes/index.ts';
import { describeTls } from '../modes/observe.ts';
import { rememberSessions } from '../modes/session-cache.ts';
import { readKnownClients, type KnownClients } from '../pki/credentials.ts';
import { readBrokerMaterial } from '../pki/folder.ts';
import { listenOn } from '../process/ports.ts';
import { serve } from '../process/serve.ts';
import { describeThisRuntime } from '../runtimes/describe.ts';
import { Guard, type Guarded } from './access/guard.ts';
import { aedesProtocol, type listenSchema } from './aedes.protocol.ts';
import { authenticate, knownTo } from './authenticate.ts';
import type { BrokerRecord } from './broker.ts';
import { Door, type Incoming } from './door.ts';
import { PayloadGate } from './payload-gate.ts';
import { RecordBook } from './record-book.ts';

type Listen = z.infer<typeof listenSchema>;

serve(aedesProtocol, ({ emit }) => {
  const book = new RecordBook(emit);
  const payloads = new PayloadGate();
  return {
    listen: (params) => listen(params, book, payloads),
    openPayloads: (opening) => payloads.open(opening),
    openedPayloads: ({ injected }) => payloads.opened(injected),
    flush: () => book.flush(),
  };
});

async function listen(params: Listen, book: RecordBook, payloads: PayloadGate): Promise<Listening> {
  const door = new Door(params.noDelay);
  const { access, pkiFolder } = params;
  const guard = access && (await Guard.create(access));
  payloads.folder = pkiFolder;
  const broker = await createBroker(door, book, {
    known: await readKnownClients(pkiFolder),
    guard,
    payloads,
  });
  const ports: Listening['ports'] = [];
  const unserved: Listening['unserved'] = [];
  for (const { mode, port = 0 } of params.listeners) {
    const secured = modeNamed(mode);
    const options = secured.broker(await readBrokerMaterial(params.pkiFolder, secured.needs));
    let server: Server;
    try {
      server = door.server(
        secured,
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
    ports.push({ mode, port: await listenOn(server, { host: params.host, port }) });
  }
  return { ports, unserved, runtime: describeThisRuntime() };
}

type Listening = z.infer<(typeof aedesProtocol)['calls']['listen']['result']>;

/** What decides who may do what. */
interface Gate {
  known: KnownClients;
  /** Undefined where every topic is everybody's. */
  guard: Guard | undefined;
  /** What opens protected payloads. */
  payloads: PayloadGate;
}

/** Reports of a connection are for single attempts; one that publishes for long has no end of questions. */
const MOST_DECISIONS = 8;

/** Aedes with hooks that stamp, and let in whom they are to let in. */
async function createBroker(door: Door, book: RecordBook, { known, guard, payloads }: Gate): Promise<Aedes> {
  const incomingOf = (client: { conn: unknown } | null): Incoming | undefined =>
    client === null ? undefined : door.of(client.conn as Socket);
  const describe = (client: Client): void => {
    const { record, pskIdentity } = incomingOf(client) ?? {};
    const socket = client.conn;
    if (record === undefined || !(socket instanceof TLSSocket)) return;
    record.negotiated = { ...record.negotiated, ...describeTls(socket, pskIdentity, door.noDelay) };
  };
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
    authenticate: (client, username, password, done) => {
      const incoming = incomingOf(client);
      const record = incoming?.record;
      // A client that is gone already.
      if (incoming === undefined || record === undefined) return done(refusalWith(5), null);
      const { mode } = incoming;
      const checked = authenticate(mode, knownTo(mode, known), {
        clientId: client.id,
        username: username ?? undefined,
        password: password?.toString(),
        peerName: mode.auth === 'x509' ? verifiedName(client.conn) : undefined,
      });
      if (checked.authenticated !== undefined) record.negotiated.authenticated = checked.authenticated;
      const refuse = (returnCode: 2 | 4 | 5): void => {
        done(refusalWith(returnCode), null);
        // CONNACK is on its way; the client may hang up as soon as it has it, and then the socket tells nothing any more.
        describe(client);
      };
      if (checked.refusal !== undefined) return refuse(checked.refusal);
      if (guard === undefined) return done(null, true);
      const { user } = checked;
      const guarded: Guarded = {
        question: { clientId: client.id, mode: mode.name, ...(user === undefined ? {} : { user }) },
        onDecision: (decision) => {
          record.access ??= [];
          if (record.access.length < MOST_DECISIONS) record.access.push(decision);
        },
      };
      incoming.guarded = guarded;
      return void say(guard.mayConnect(guarded), (may) => (may ? done(null, true) : refuse(5)));
    },
    authorizePublish: (client, packet, done) => {
      const incoming = incomingOf(client);
      if (incoming?.record !== undefined) incoming.record.publishReceivedUs ??= nowUs();
      // What has no client is the broker's own.
      if (client === null) return done();
      if (guard === undefined) return payloads.pass(client, packet, done);
      if (incoming?.guarded === undefined) return done(new Error('not authorized'));
      return void say(guard.mayUse(incoming.guarded, 'publish', packet.topic), (may) =>
        may ? payloads.pass(client, packet, done) : done(new Error('not authorized')),
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      if (guard === undefined) return done(null, subscription);
      const guarded = incomingOf(client)?.guarded;
      if (guarded === undefined) return done(null, null);
      return void say(guard.mayUse(guarded, 'subscribe', subscription.topic), (may) =>
        done(null, may ? subscription : null),
      );
    },
  });
  broker.on('connackSent', (_packet, client) => {
    const record = incomingOf(client)?.record;
    if (record === undefined) return;
    record.connackSentUs = nowUs();
    // Read after CONNACK has left, so that looking does not move what is measured.
    describe(client);
  });
  // A client that vanishes is the client's matter: the attempt's own record says what became of it.
  broker.on('clientError', () => {});
  broker.on('connectionError', () => {});
  return broker;
}

async function say(decision: Promise<boolean>, tell: (may: boolean) => void): Promise<void> {
  tell(await decision);
}

/** An error by which Aedes answers CONNECT with this return code. */
function refusalWith(returnCode: 2 | 4 | 5): AuthenticateError {
  return Object.assign(new Error('refused'), { returnCode });
}

function verifiedName(socket: unknown): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const name = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}
