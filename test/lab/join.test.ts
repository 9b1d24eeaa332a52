import { describe, expect, it } from 'vitest';
import { Evidence } from '../../src/lab/evidence.ts';
import { joinSample, requiredMilestones } from '../../src/lab/join.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import type { Arrival, Cell } from '../../src/scenario/plan.ts';
import type { Attempt } from '../../src/swarm/workloads/handshake.protocol.ts';
import { handshakeSchema } from '../../src/swarm/workloads/settings/handshake.ts';
import { DIRECT } from '../../src/topology/direct.ts';
import { AEDES } from '../helpers/runs.ts';
import { attemptWith, flowWith } from '../helpers/samples.ts';

const WORKLOAD = handshakeSchema.parse({ kind: 'handshake' });
const CELL: Cell = {
  index: 0,
  id: 'plain/null/aedes/direct/handshake',
  mode: 'plain',
  link: NULL_LINK,
  broker: AEDES,
  topology: DIRECT,
  workload: WORKLOAD,
  workloadId: 'handshake',
};
// The phase began at 0.9 s of the clock, the attempt was meant to start at 0.999 s.
const START_US = 900_000;
const ARRIVAL: Arrival = { id: 1, cell: 0, round: 4, warmup: false, atMs: 99 };

const ATTEMPT = attemptWith({
  stampsUs: { tcpConnected: 1_000_300, connackReceived: 1_002_000, pubackReceived: 1_004_000 },
});

/** What the other processes tell of the attempt, all of it good. */
function goodEvidence(): Evidence {
  const evidence = new Evidence();
  evidence.onRecord({
    clientId: 'm1',
    acceptedUs: 1_000_250,
    connectReceivedUs: 1_001_000,
    connackSentUs: 1_001_500,
    publishReceivedUs: 1_003_000,
    negotiated: { noDelay: true },
  });
  evidence.onWorker({ kind: 'deliveries', deliveries: [{ id: 1, atUs: 1_003_500 }] });
  return evidence;
}

function join(attempt: Attempt, evidence: Evidence, cell: Cell = CELL): Sample {
  return joinSample(ARRIVAL, cell, WORKLOAD, attempt, evidence, START_US);
}

describe('joinSample', () => {
  it('counts every milestone from the intended start', () => {
    const sample = join(ATTEMPT, goodEvidence());
    expect(sampleSchema.parse(sample)).toMatchObject({
      round: 4,
      intendedAtMs: 99,
      startLateMs: 1,
      outcome: { status: 'ok' },
      tainted: [],
      milestonesMs: {
        tcpAccepted: 1.25,
        tcpConnected: 1.3,
        connectReceived: 2,
        connackSent: 2.5,
        connackReceived: 3,
        publishReceived: 4,
        delivered: 4.5,
        pubackReceived: 5,
      },
    });
  });

  it('does not take the accept of a broker two trips away for the leaving of its SYN-ACK', () => {
    const far = { ...CELL, link: resolveLink({ oneWayMs: 34 }) };
    const { outcome, milestonesMs } = join(ATTEMPT, goodEvidence(), far);
    expect(outcome).toEqual({ status: 'ok' });
    expect(milestonesMs).not.toHaveProperty('tcpAccepted');
    const tapped = goodEvidence();
    tapped.onFlow(flowWith());
    expect(join(ATTEMPT, tapped, far).milestonesMs.tcpAccepted).toBe(1.25);
  });

  it('takes the flights and the leaving of the SYN-ACK from the link, where it sees them', () => {
    const evidence = goodEvidence();
    evidence.onFlow(
      flowWith({ acceptedUs: 1_000_210, flights: [{ from: 'client', leavesUs: 1_000_400, bytes: 17 }] }),
    );
    const { milestonesMs, flights } = join(ATTEMPT, evidence);
    expect(milestonesMs.tcpAccepted).toBeCloseTo(1.21);
    expect(flights).toEqual([{ from: 'client', leavesMs: 1.4, bytes: 17 }]);
  });

  it('takes the group of the broker and a HelloRetryRequest from the wire, and excludes what no mode asks for', () => {
    const tls = {
      records: [],
      handshake: { up: { bytes: 300, records: 3 } },
      version: 'TLSv1.3',
      group: 'x25519',
      helloRetryRequest: true,
    };
    const evidence = goodEvidence();
    evidence.onFlow(flowWith({ tls }));
    const sample = sampleSchema.parse(join(ATTEMPT, evidence));
    expect(sample.negotiated).toEqual({
      client: { noDelay: true, helloRetryRequest: true },
      broker: { noDelay: true, helloRetryRequest: true, group: 'X25519' },
    });
    expect(sample.tls).toMatchObject({ handshakeUp: 300, recordsUp: 3, messages: [] });
    expect(sample.outcome).toMatchObject({ status: 'excluded', reason: 'mismatch:client.helloRetryRequest' });
  });

  it.each([
    ['no delivery', 'missing:delivered', (evidence: Evidence) => evidence.deliveriesUs.clear()],
    ['no record of the broker', 'missing:tcpAccepted', (evidence: Evidence) => evidence.records.clear()],
  ])('excludes an attempt with %s', (_, reason, spoil) => {
    const evidence = goodEvidence();
    spoil(evidence);
    expect(join(ATTEMPT, evidence).outcome).toMatchObject({ status: 'excluded', reason });
  });

  it('excludes an attempt that negotiated something else, at either end', () => {
    const odd = { ...ATTEMPT, negotiated: { noDelay: true, protocol: 'TLSv1.2' } };
    expect(join(odd, goodEvidence()).outcome).toMatchObject({
      status: 'excluded',
      reason: 'mismatch:client.protocol',
    });
    const nagled: Cell = { ...CELL, broker: { ...CELL.broker, noDelay: false } };
    expect(join(ATTEMPT, goodEvidence(), nagled).outcome).toMatchObject({
      status: 'excluded',
      reason: 'mismatch:broker.noDelay',
    });
  });

  it('keeps a failure as it was told', () => {
    const failure = { reason: 'timeout', detail: 'No answer' };
    const failed = join({ ...ATTEMPT, failure }, new Evidence());
    expect(failed.outcome).toEqual({ status: 'failed', ...failure });
    expect(failed.negotiated).toEqual({});
    expect(failed.milestonesMs.connackReceived).toBe(3);
  });
});

it("takes the connection's own modelled handshake, a lost SYN included, in the place of the usual one", () => {
  const evidence = goodEvidence();
  evidence.onFlow(flowWith({ modelledConnectMs: 1068 }));
  // The client itself was connected after 0.3 ms, and 68 ms were added.
  const attempt = attemptWith({
    modelledConnectMs: 68,
    stampsUs: { ...ATTEMPT.stampsUs, tcpConnected: 1_000_300 + 68_000 },
  });
  expect(join(attempt, evidence).milestonesMs.tcpConnected).toBeCloseTo(1.3 + 1068);
});

describe('taints', () => {
  function taintsWith(change: (evidence: Evidence) => void, attempt = ATTEMPT): string[] {
    const evidence = goodEvidence();
    change(evidence);
    return join(attempt, evidence).tainted;
  }

  it.each([
    ['from before until into it', 900_000, 1_000_001, ['stall:broker']],
    ['in the middle of it', 1_001_000, 1_002_000, ['stall:broker']],
    ['from its end on', 1_003_999, 1_100_000, ['stall:broker']],
    ['before it', 900_000, 999_999, []],
    ['after it', 1_004_001, 1_100_000, []],
  ])('a stall %s', (_, fromUs, toUs, taints) => {
    expect(taintsWith((evidence) => evidence.stalls.set('broker', [{ fromUs, toUs }]))).toEqual(taints);
  });

  it.each([
    ['while a retransmission was waited for', 1_010_000, 1_900_000, []],
    ['in which something came late', 1_980_000, 2_000_010, ['stall:broker']],
    ['after which what it held up was worked off', 1_980_000, 1_997_000, ['stall:broker']],
    ['in which a flight left', 1_400_000, 1_600_000, ['stall:broker']],
  ])('with the link as a witness, a stall %s', (_, fromUs, toUs, taints) => {
    const slow = attemptWith({
      stampsUs: { tcpConnected: 1_000_300, connackReceived: 1_002_000, pubackReceived: 2_000_000 },
    });
    const left = taints.length > 0 && fromUs === 1_400_000 ? [1_500_000] : [];
    const flights = [1_000_400, ...left].map((leavesUs) => ({ from: 'client' as const, leavesUs, bytes: 1 }));
    expect(
      taintsWith((evidence) => {
        evidence.onFlow(flowWith({ flights }));
        evidence.stalls.set('broker', [{ fromUs, toUs }]);
      }, slow),
    ).toEqual(taints);
  });

  it('a late start of the client, and a late release of the link', () => {
    const late = { ...ATTEMPT, startedUs: ATTEMPT.startedUs + 5000 };
    expect(taintsWith(() => {}, late)).toEqual(['late-start']);
    expect(taintsWith((evidence) => evidence.onFlow(flowWith({ maxLateMs: 2.5 })))).toEqual(['late-release']);
    expect(taintsWith((evidence) => evidence.onFlow(flowWith({ maxLateMs: 1.5 })))).toEqual([]);
  });
});

describe('requiredMilestones', () => {
  it('are those of the mode, the action and the quality of service', () => {
    const of = (mode: string, changes: Partial<typeof WORKLOAD>): string[] =>
      requiredMilestones(
        { mode, broker: AEDES, topology: DIRECT, workload: WORKLOAD },
        { ...WORKLOAD, ...changes },
      );
    expect(of('plain', {})).not.toContain('clientHandshakeDone');
    expect(of('tls13', {})).toEqual(expect.arrayContaining(['serverHandshakeDone', 'clientHandshakeDone']));
    expect(of('plain', { qos: 0 }).at(-1)).toBe('delivered');
    expect(of('plain', { qos: 1 }).at(-1)).toBe('pubackReceived');
    expect(of('plain', { qos: 2 }).slice(-2)).toEqual(['pubrecReceived', 'pubcompReceived']);
    expect(of('plain', { action: 'subscribe' }).slice(-2)).toEqual(['connackReceived', 'subackReceived']);
  });
});
