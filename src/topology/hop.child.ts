import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type * as z from 'zod';
import { environmentError } from '../errors.ts';
import { nowUs } from '../measure/clock.ts';
import { modeNamed } from '../modes/index.ts';
import { rememberSessions } from '../modes/session-cache.ts';
import { readBrokerMaterial, readClientMaterial } from '../pki/folder.ts';
import { BROKER_NAME } from '../pki/material.ts';
import { Outbox } from '../process/outbox.ts';
import { serve } from '../process/serve.ts';
import { WRONG_NAME, type HopRecord } from './hop-record.ts';
import { InnerConnection, type InnerTarget } from './hop/inner.ts';
import { pass, type Arrived } from './hop/passage.ts';
import { Spares } from './hop/spares.ts';
import { hopProtocol, type hopListenSchema, type laneSchema } from './hop.protocol.ts';

type Listen = z.infer<typeof hopListenSchema>;
type Lane = z.infer<typeof laneSchema>;

serve(hopProtocol, ({ emit }) => {
  const open = new Set<HopRecord>();
  const records = new Outbox<HopRecord>((batch) => emit({ kind: 'records', records: batch }));
  const refusals = new Outbox<{ mode: string; atUs: number; reason: string }>((batch) =>
    emit({ kind: 'refusals', refusals: batch }),
  );
  const report = {
    opened: (record: HopRecord) => void open.add(record),
    closed: (record: HopRecord) => {
      if (open.delete(record)) records.add(record);
    },
    refused: (mode: string, reason: string) => refusals.add({ mode, atUs: nowUs(), reason }),
  };
  return {
    listen: async (params) => {
      const ports: number[] = [];
      for (const lane of params.lanes) ports.push(await openLane(lane, params, report));
      return { ports };
    },
    flush: () => {
      for (const record of open) records.add(record);
      open.clear();
      records.flush();
      refusals.flush();
    },
  };
});

interface Report {
  opened(record: HopRecord): void;
  closed(record: HopRecord): void;
  refused(mode: string, reason: string): void;
}

/** Opens a listener with the options that a broker would have in the clients' mode; answers its port. */
async function openLane(lane: Lane, { host, pkiFolder, warm, innerCertificate }: Listen, report: Report) {
  const mode = modeNamed(lane.mode);
  const options = mode.broker(await readBrokerMaterial(pkiFolder, mode.needs));
  const target = await innerTarget(lane, pkiFolder, innerCertificate);
  const spares = warm ? new Spares(target) : undefined;
  await spares?.settled();
  const server = listener(lane.mode, options, report, (client, arrived) => {
    const spare = spares?.take();
    pass(client, arrived, spare ?? new InnerConnection(target), spare !== undefined, (record) => {
      report.opened(record);
      client.once('close', () => report.closed(record));
    });
  });
  if (mode.resumption === 'session-id') rememberSessions(server);
  await listenOn(server, host);
  return (server.address() as AddressInfo).port;
}

async function innerTarget(
  { innerMode, target }: Lane,
  pkiFolder: string,
  certificate: Listen['innerCertificate'],
): Promise<InnerTarget> {
  const mode = modeNamed(innerMode);
  const client = mode.client(await readClientMaterial(pkiFolder, mode.needs));
  if (client === undefined) return { ...target, tls: undefined };
  const { caPem: otherCa } = await readBrokerMaterial(pkiFolder, mode.needs);
  const context = createSecureContext({
    ...client.context,
    ...(certificate === 'wrong-ca' ? { ca: otherCa } : {}),
  });
  const servername = certificate === 'wrong-name' ? WRONG_NAME : BROKER_NAME;
  return { ...target, tls: { context, psk: client.psk, servername } };
}

/** A listener that hands each client over when the hop's side of the handshake is done. */
function listener(
  mode: string,
  options: TlsOptions | undefined,
  report: Report,
  onReady: (client: Socket, arrived: Arrived) => void,
): Server {
  if (options === undefined)
    return createTcpServer({ noDelay: true }, (client) => onReady(client, { acceptedUs: nowUs() }));
  const arrivals = new Map<string, Arrived>();
  const { pskCallback } = options;
  const server = createTlsServer(
    {
      ...options,
      noDelay: true,
      ...(pskCallback === undefined
        ? {}
        : {
            pskCallback: (socket, identity) => {
              const arrived = arrivals.get(keyOf(socket));
              if (arrived !== undefined) arrived.pskIdentity = identity;
              return pskCallback(socket, identity);
            },
          }),
    },
    (client) => {
      const arrived = arrivals.get(keyOf(client));
      if (arrived === undefined) {
        client.destroy();
        return;
      }
      arrived.handshakeDoneUs = nowUs();
      onReady(client, arrived);
    },
  );
  // Before Node's own listener, which takes its time to set TLS up.
  server.prependListener('connection', (socket: Socket) => {
    const key = keyOf(socket);
    arrivals.set(key, { acceptedUs: nowUs() });
    socket.once('close', () => arrivals.delete(key));
  });
  server.on('tlsClientError', (error: Error & { code?: string }, socket) => {
    // Where a certificate was refused, the error itself tells no more than that the connection ended.
    const refused = socket.authorizationError as Error | string | null | undefined;
    report.refused(mode, refused ? String(refused) : (error.code ?? error.message));
  });
  return server;
}

function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress}:${remotePort}-${localPort}`;
}

function listenOn(server: Server, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(environmentError(`The hop cannot listen on ${host}: ${error.message}`));
    });
    // The kernel's own limit caps this one; bursts overflow a small backlog.
    server.listen({ host, port: 0, backlog: 4096 }, resolve);
  });
}
