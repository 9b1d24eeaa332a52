import { beforeAll, describe, expect, it } from 'vitest';
import { attemptOfClientId } from '../../src/swarm/names.ts';
import type { Attempt } from '../../src/swarm/workloads/handshake.protocol.ts';
import { mismatches } from '../../src/modes/check.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { targetsFor } from '../helpers/auth.ts';
import { startAedes, type WatchedBroker } from '../helpers/broker.ts';
import { makePki } from '../helpers/pki.ts';
import { startSwarm, type WatchedWorker } from '../helpers/swarm.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import type { BrokerRecord } from '../../src/broker/broker.ts';

/** What the client of each mode is told, and what the broker says that it checked. */
const LET_IN = {
  plain: undefined,
  'plain+auth=client-id': 'client-id',
  'tls12+auth=password': 'password',
  'tls13+auth=client-id-and-password': 'client-id-and-password',
  'tls13+auth=password+pipelined=true': 'password',
  'mtls12+auth=x509': 'x509',
  'mtls13+auth=x509': 'x509',
};
/** Return codes of CONNACK: 2 identifier rejected, 4 bad user name or password, 5 not authorized. */
const REFUSED = {
  'plain+auth=client-id+credentials=unknown-client-id': 2,
  'tls13+auth=password+credentials=wrong-password': 4,
  'tls12+auth=password+credentials=unknown-user': 4,
  'tls13+auth=client-id-and-password+credentials=unknown-client-id': 2,
  'plain+auth=client-id-and-password+credentials=wrong-password': 4,
  'mtls12+auth=x509+credentials=unknown-user': 5,
  'mtls13+auth=x509+credentials=unknown-user': 5,
  'tls13+auth=password+pipelined=true+credentials=wrong-password': 4,
};

const MODES = [...Object.keys(LET_IN), ...Object.keys(REFUSED)].map((id) => modeNamed(id).name);

const newFolder = sharedFolders();
let folder: string;
let watched: WatchedBroker;
let swarm: WatchedWorker;
let nextId = 0;
beforeAll(async () => {
  folder = newFolder();
  await makePki(folder);
  const ends: (() => Promise<void>)[] = [];
  watched = await startAedes(folder, { modes: MODES }, (end) => ends.push(end));
  const targets = await targetsFor(watched.broker, MODES, folder);
  swarm = await startSwarm(folder, targets, (end) => ends.push(end));
  return async () => {
    for (const end of ends) await end();
  };
});

/** One attempt of a mode, as client and broker tell it. */
async function visit(id: string): Promise<{ attempt: Attempt; record: BrokerRecord }> {
  const cell = MODES.indexOf(modeNamed(id).name);
  const { attempts } = await swarm.handshake([{ id: nextId++, cell, atMs: 0 }], { qos: 1 });
  await watched.broker.flush();
  const [attempt] = attempts;
  const record = watched.records.find(({ clientId }) => attemptOfClientId(clientId) === attempt?.id);
  if (attempt === undefined || record === undefined) throw new Error('Nobody tells of it');
  return { attempt, record };
}

function wrong(id: string, { attempt, record }: Awaited<ReturnType<typeof visit>>): string[] {
  const expected = { ...modeNamed(id).expected, brokerNoDelay: true };
  return [
    ...mismatches(expected, 'client', attempt.negotiated),
    ...mismatches(expected, 'broker', record.negotiated),
  ].map(({ detail }) => detail);
}

describe('a client with what its mode asks for', () => {
  it.each(Object.entries(LET_IN))('%s: is let in, and by what was checked', async (id, authenticated) => {
    const found = await visit(id);
    expect(found.attempt.failure).toBeUndefined();
    expect(found.attempt.stampsUs.pubackReceived).toBeGreaterThan(0);
    expect(found.record.negotiated.authenticated).toBe(authenticated);
    expect(wrong(id, found)).toEqual([]);
  });
});

describe('a client without it', () => {
  it.each(Object.entries(REFUSED))(
    '%s: learns by CONNACK that it is refused, once TLS is through',
    async (id, code) => {
      const found = await visit(id);
      const { failure, stampsUs, negotiated } = found.attempt;
      expect(failure).toBeUndefined();
      expect(negotiated.refusal).toBe(`connack:${code}`);
      expect(stampsUs.refused).toBeGreaterThan(stampsUs.tcpConnected ?? Infinity);
      expect(stampsUs.refused).toBeGreaterThan(found.record.connectReceivedUs);
      expect(stampsUs.connackReceived).toBeUndefined();
      expect(found.record.publishReceivedUs).toBeUndefined();
      expect(wrong(id, found)).toEqual([]);
    },
  );
});

it('a mode that asks for a password, and a broker that checked none, do not agree', async () => {
  const { record } = await visit('plain');
  const expected = { ...modeNamed('plain+auth=password').expected, brokerNoDelay: true };
  expect(mismatches(expected, 'broker', record.negotiated)).toEqual([
    {
      reason: 'mismatch:broker.authenticated',
      detail: 'the broker negotiated authenticated = none, the mode asks for password',
    },
  ]);
});
