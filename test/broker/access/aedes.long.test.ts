import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { BrokerRecord } from '../../../src/broker/broker.ts';
import { accessSchema } from '../../../src/broker/access/choice.ts';
import { brokerOf } from '../../../src/scenario/broker.ts';
import { clientIdOf } from '../../../src/swarm/names.ts';
import type { Attempt, HandshakeJob } from '../../../src/swarm/workloads/handshake.protocol.ts';
import type { TargetInput } from '../../../src/swarm/targets.ts';
import { targetsFor } from '../../helpers/auth.ts';
import { startAedes } from '../../helpers/broker.ts';
import { makePki } from '../../helpers/pki.ts';
import { isRunning, until } from '../../helpers/processes.ts';
import { startSwarm } from '../../helpers/swarm.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';

const MODES = ['plain', 'tls13+auth=password', 'mtls13+auth=x509'];
const DELAY_MS = 80;

const newFolder = sharedFolders();
let folder: string;
let nextId = 0;
beforeAll(async () => {
  folder = newFolder();
  await makePki(folder);
});

/** A broker with access management, and a swarm whose clients are denied what the target says. */
async function opened(settings: object, changes: Partial<TargetInput> = {}) {
  const choice = brokerOf({ name: 'aedes', access: accessSchema.parse(settings) });
  const { broker, records, crashes } = await startAedes(folder, { choice, modes: MODES });
  const targets = await targetsFor(broker, MODES, folder, changes);
  const swarm = await startSwarm(folder, targets);
  const visit = async (
    mode: string,
    job: Partial<HandshakeJob> = {},
  ): Promise<{ attempt: Attempt; record: BrokerRecord | undefined }> => {
    const cell = MODES.indexOf(mode);
    const { attempts } = await swarm.handshake([{ id: nextId++, cell, atMs: 0 }], { qos: 1, ...job });
    await broker.flush();
    const [attempt] = attempts;
    if (attempt === undefined) throw new Error('No attempt');
    const record = records.find(({ clientId }) => clientId.endsWith(clientIdOf(attempt.id)));
    return { attempt, record };
  };
  return { broker, crashes, swarm, visit };
}

/** Milliseconds between two instants; NaN, which nothing is less than, where one was not stamped. */
function ms(from: number | undefined, to: number | undefined): number {
  return ((to ?? Number.NaN) - (from ?? Number.NaN)) / 1000;
}

describe('asked at each topic', () => {
  it('holds PUBACK up and not CONNACK, and the record tells what was asked', async () => {
    const { visit } = await opened({ delayMs: DELAY_MS });
    for (const mode of MODES) {
      const { attempt, record } = await visit(mode);
      expect(attempt.failure).toBeUndefined();
      expect(ms(record?.publishReceivedUs, attempt.stampsUs.pubackReceived)).toBeGreaterThan(DELAY_MS);
      expect(record?.access).toEqual([
        { before: 'publish', tookMs: expect.any(Number) as number, cached: false, outcome: 'allowed' },
      ]);
      expect(record?.access?.[0]?.tookMs).toBeGreaterThanOrEqual(DELAY_MS);
    }
  });

  it('holds SUBACK up too', async () => {
    const { visit } = await opened({ delayMs: DELAY_MS });
    const { attempt, record } = await visit('plain', { action: 'subscribe' });
    expect(ms(attempt.stampsUs.connackReceived, attempt.stampsUs.subackReceived)).toBeGreaterThan(DELAY_MS);
    expect(record?.access?.map(({ before }) => before)).toEqual(['subscribe']);
  });

  it('keeps answers for a user, whose next client does not wait', async () => {
    const { visit } = await opened({ delayMs: 400, cache: true });
    for (const mode of MODES.slice(1)) {
      const [first, second] = [await visit(mode), await visit(mode)];
      expect(first.record?.access?.[0]).toMatchObject({ cached: false });
      expect(second.record?.access?.[0]).toMatchObject({ cached: true, outcome: 'allowed' });
      expect(ms(second.record?.publishReceivedUs, second.attempt.stampsUs.pubackReceived)).toBeLessThan(400);
    }
    // A client without a user has an identifier of its own.
    await visit('plain');
    expect((await visit('plain')).record?.access?.[0]).toMatchObject({ cached: false });
  });
});

describe('asked at CONNECT', () => {
  it('holds CONNACK up, and what was told holds for the connection', async () => {
    const { visit } = await opened({ delayMs: DELAY_MS, at: 'connect' });
    for (const mode of MODES) {
      const { attempt, record } = await visit(mode);
      expect(attempt.failure).toBeUndefined();
      expect(ms(record?.connectReceivedUs, record?.connackSentUs)).toBeGreaterThan(DELAY_MS);
      expect(record?.access?.map(({ before }) => before)).toEqual(['connect']);
    }
  });
});

describe('a client that is refused', () => {
  it.each([0, 1, 2] as const)('at PUBLISH of QoS %s sees the connection closed', async (qos) => {
    const { visit } = await opened({ deny: 'publish' }, { denied: 'publish' });
    const { attempt, record } = await visit('tls13+auth=password', { qos });
    expect(attempt.failure).toBeUndefined();
    expect(attempt.negotiated).toMatchObject({ refusal: 'closed-by-broker', protocol: 'TLSv1.3' });
    expect(attempt.stampsUs.refused).toBeGreaterThan(record?.publishReceivedUs ?? Infinity);
    expect(record?.access?.map(({ outcome }) => outcome)).toEqual(['denied']);
  });

  it('at SUBSCRIBE sees 0x80 in SUBACK', async () => {
    const { visit } = await opened({ deny: 'subscribe' }, { denied: 'subscribe' });
    const { attempt, record } = await visit('plain', { action: 'subscribe' });
    expect(attempt.failure).toBeUndefined();
    expect(attempt.negotiated.refusal).toBe('suback:0x80');
    expect(record?.access?.map(({ outcome }) => outcome)).toEqual(['denied']);
  });

  it('at CONNECT sees CONNACK with "not authorized", also where it was told of topics then', async () => {
    const { visit } = await opened({ deny: 'connect', at: 'connect' }, { denied: 'connect' });
    const { attempt } = await visit('mtls13+auth=x509');
    expect(attempt.negotiated.refusal).toBe('connack:5');
    const later = await opened({ deny: 'publish', at: 'connect' }, { denied: 'publish' });
    expect((await later.visit('plain')).attempt.negotiated.refusal).toBe('closed-by-broker');
  });

  it('that nobody expected to be refused has failed', async () => {
    const { visit } = await opened({ deny: 'publish' });
    expect((await visit('plain')).attempt.failure?.reason).toBe('closed-by-broker');
  });
});

describe('a service that is not there', () => {
  it.each([
    ['publish', 'topic', 'closed-by-broker'],
    ['subscribe', 'topic', 'suback:0x80'],
    ['publish', 'connect', 'connack:5'],
  ] as const)('lets nobody %s, asked at %s', async (action, at, refusal) => {
    const { visit, broker } = await opened(
      { reachable: false, at },
      { denied: at === 'connect' ? 'connect' : action },
    );
    const { attempt, record } = await visit('plain', { action });
    expect(attempt.negotiated.refusal).toBe(refusal);
    expect(record?.access?.map(({ outcome }) => outcome)).toEqual(['unanswered']);
    expect(broker.processes.map(({ role }) => role)).toEqual(['broker']);
  });

  it('any more, since it was killed: the broker refuses from then on, and the end is told', async () => {
    const { visit, broker, crashes } = await opened({}, {});
    expect((await visit('plain')).attempt.failure).toBeUndefined();
    const service = broker.processes.find(({ role }) => role === 'access');
    process.kill(service?.pid ?? 0, 'SIGKILL');
    await until('the crash is told', () => crashes.length > 0);
    const { attempt, record } = await visit('plain');
    expect(attempt.failure?.reason).toBe('closed-by-broker');
    expect(record?.access?.map(({ outcome }) => outcome)).toEqual(['unanswered']);
  });
});

it('the service is one for all processes of its broker, and ends with it', async () => {
  const choice = brokerOf({ name: 'aedes', access: accessSchema.parse({}) });
  const { broker } = await startAedes(folder, { choice, modes: ['tls13', 'tls13+tickets=false'] });
  onTestFinished(() => broker.stop());
  expect(broker.processes.map(({ role }) => role)).toEqual(['broker', 'broker', 'access']);
  await broker.stop();
  expect(broker.processes.filter(({ pid }) => isRunning(pid))).toEqual([]);
});
