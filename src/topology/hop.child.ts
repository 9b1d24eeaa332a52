import { createSecureContext } from 'node:tls';
import type * as z from 'zod';
import { stampingServer } from '../broker/arrivals.ts';
import { nowUs } from '../measure/clock.ts';
import { modeNamed } from '../modes/index.ts';
import { rememberSessions } from '../modes/session-cache.ts';
import { readBrokerMaterial, readClientMaterial } from '../pki/folder.ts';
import { BROKER_NAME } from '../pki/material.ts';
import { Outbox } from '../process/outbox.ts';
import { listenOn } from '../process/ports.ts';
import { serve } from '../process/serve.ts';
import { WRONG_NAME, type HopRecord } from './hop-record.ts';
import { InnerConnection, type InnerTarget } from './hop/inner.ts';
import { pass } from './hop/passage.ts';
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
  const server = stampingServer(options, true, {
    onAccept: (acceptedUs) => ({ acceptedUs }),
    // Handed over when the hop's side of the handshake is done.
    onReady: (client, lookUp) => {
      const arrived = lookUp();
      if (arrived === undefined) {
        client.destroy();
        return;
      }
      const spare = spares?.take();
      pass(client, arrived, spare ?? new InnerConnection(target), spare !== undefined, (record) => {
        report.opened(record);
        client.once('close', () => report.closed(record));
      });
    },
    onRefused: (reason) => report.refused(lane.mode, reason),
  });
  if (mode.resumption === 'session-id') rememberSessions(server);
  return listenOn(server, { host, port: 0 });
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
