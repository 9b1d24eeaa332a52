import { describe, expect, it } from 'vitest';
import { brokerSideOf, isSeen, mismatchesAtEnd } from '../../src/lab/broker-side.ts';
import { requiredMilestones } from '../../src/lab/join.ts';
import type { Flow } from '../../src/link/flow.ts';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import { modeNamed } from '../../src/modes/index.ts';
import type { Cell } from '../../src/scenario/plan.ts';
import { handshakeSchema } from '../../src/swarm/workloads/settings/handshake.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import { DIRECT } from '../../src/topology/direct.ts';
import { AEDES } from '../helpers/runs.ts';
import { flowWith } from '../helpers/samples.ts';

const WORKLOAD = handshakeSchema.parse({ kind: 'handshake' });
const AT: Flow['atBroker'] = {
  acceptedUs: 11,
  firstFlightUs: 12,
  handshakeDoneUs: 13,
  handshakeAnsweredUs: 14,
  connectReceivedUs: 15,
  connackSentUs: 16,
  togetherReceivedUs: 17,
  nextReceivedUs: 18,
};
const RECORD = {
  clientId: 'm1',
  acceptedUs: 21,
  handshakeDoneUs: 23,
  connectReceivedUs: 25,
  connackSentUs: 26,
  publishReceivedUs: 28,
  negotiated: { noDelay: true },
};

function cellOf(mode: string): Cell {
  return {
    index: 0,
    id: mode,
    mode,
    link: resolveLink({ oneWayMs: 5 }),
    broker: AEDES,
    topology: DIRECT,
    workload: WORKLOAD,
    workloadId: 'handshake',
  };
}

function side(
  mode: string,
  flow: Flow | undefined,
  stamps: 'broker' | 'wire',
  action: 'publish' | 'subscribe' = 'publish',
) {
  const seen = { record: stamps === 'broker' ? RECORD : undefined, flow };
  return brokerSideOf(cellOf(mode), { ...WORKLOAD, action }, seen, stamps);
}

describe('a broker that stamps nothing', () => {
  it('has the milestones that the wire shows', () => {
    expect(side('tls13', flowWith({ acceptedUs: 10, atBroker: AT }), 'wire').stampsUs).toEqual({
      tcpAccepted: 10,
      serverHandshakeDone: 13,
      connectReceived: 15,
      connackSent: 16,
      publishReceived: 18,
    });
  });

  it('has received a PUBLISH that was pipelined with what was sent together', () => {
    const flow = flowWith({ atBroker: AT });
    expect(side('tls13+pipelined=true', flow, 'wire').stampsUs.publishReceived).toBe(17);
    const read = flowWith({ atBroker: { ...AT, publishReceivedUs: 19 } });
    expect(side('plain', read, 'wire').stampsUs.publishReceived).toBe(19);
    expect(side('tls13', flow, 'wire', 'subscribe').stampsUs).not.toHaveProperty('publishReceived', 18);
  });

  it('has none without a link that looks, and says what the handshake’s plaintext says', () => {
    const { stampsUs, negotiated, wireUs } = side('tls13', undefined, 'wire');
    expect(Object.values(stampsUs).filter((us) => us !== undefined)).toEqual([]);
    expect([negotiated, wireUs]).toEqual([undefined, {}]);
    const tls = {
      records: [],
      handshake: {},
      version: 'TLSv1.2',
      suite: 'TLS_X',
      group: 'secp256r1',
      session: { offered: [], accepted: 'none' as const },
    };
    expect(side('tls12', flowWith({ tls }), 'wire').negotiated).toEqual({
      protocol: 'TLSv1.2',
      suite: 'TLS_X',
      group: 'P-256',
      resumed: false,
    });
    const psk = { offered: [], accepted: 'pre_shared_key' as const };
    const hidden = flowWith({ tls: { records: [], handshake: {}, version: 'TLSv1.3', session: psk } });
    expect(side('tls13-psk', hidden, 'wire').negotiated).toEqual({ protocol: 'TLSv1.3' });
  });

  it('is told nothing of by a client that it turned away but that it came', () => {
    const flow = flowWith({ acceptedUs: 10, atBroker: AT });
    expect(side('mtls13+client=expired', flow, 'wire').wireUs).toEqual({ accepted: 11, firstFlight: 12 });
  });

  it('is excluded by name for what the wire shows, groups in the words of the modes, and for nothing unseen', () => {
    const { suite } = modeNamed('tls13').expected;
    const tls = {
      records: [],
      handshake: {},
      version: 'TLSv1.3',
      ...(suite === undefined ? {} : { suite }),
      group: 'x25519',
      helloRetryRequest: false,
      session: { offered: [], accepted: 'none' as const },
    };
    const expected = (mode: string) => ({ ...modeNamed(mode).expected, brokerNoDelay: true });
    const reasons = (changes: Partial<typeof tls>): string[] =>
      mismatchesAtEnd(expected('tls13'), undefined, {
        tells: false,
        flow: flowWith({ tls: { ...tls, ...changes } }),
      }).map(({ reason }) => reason);
    expect(reasons({})).toEqual([]);
    expect(reasons({ group: 'secp256r1' })).toEqual(['mismatch:broker.group']);
    expect(reasons({ version: 'TLSv1.2' })).toContain('mismatch:broker.protocol');
    expect(mismatchesAtEnd(expected('tls13'), undefined, { tells: false, flow: undefined })).toEqual([]);
    // A broker with a word of its own is asked for it.
    expect(mismatchesAtEnd(expected('plain'), undefined, { tells: true, flow: undefined })).not.toEqual([]);
  });

  it('is asked for what clients and subscribers saw alone', () => {
    expect(requiredMilestones(cellOf('tls13'), WORKLOAD, 'wire')).toEqual([
      'tcpConnected',
      'clientHandshakeDone',
      'connackReceived',
      'delivered',
      'pubackReceived',
    ]);
  });
});

it('a broker that stamps keeps its own instants, and the wire’s stand beside them', () => {
  const { stampsUs, wireUs, negotiated } = side(
    'tls13',
    flowWith({ acceptedUs: 10, atBroker: AT }),
    'broker',
  );
  expect(stampsUs).toEqual({
    tcpAccepted: 10,
    serverHandshakeDone: 23,
    connectReceived: 25,
    connackSent: 26,
    publishReceived: 28,
  });
  expect(wireUs).toEqual({
    accepted: 11,
    firstFlight: 12,
    serverHandshakeDone: 13,
    handshakeAnswered: 14,
    connectReceived: 15,
    connackSent: 16,
    publishReceived: 18,
  });
  expect(negotiated).toEqual({ noDelay: true });
});

describe('behind a router with a link of its own', () => {
  const topology = topologyOf({ name: 'firewall', innerLink: 'inner' }, () => resolveLink({ oneWayMs: 5 }));
  const cell = { ...cellOf('tls13'), topology };
  const near = flowWith({ acceptedUs: 10, atBroker: { ...AT, connectReceivedUs: 1 } });
  const far = flowWith({ far: true, acceptedUs: 12, atBroker: AT });

  it('the wire of that link tells of the broker, not that of the clients', () => {
    const { stampsUs, wireUs } = brokerSideOf(cell, WORKLOAD, { record: undefined, flow: near, far }, 'wire');
    expect(stampsUs).toMatchObject({ tcpAccepted: 12, connectReceived: AT.connectReceivedUs });
    expect(wireUs.connectReceived).toBe(AT.connectReceivedUs);
  });

  it('nobody does where that was not seen', () => {
    const { stampsUs, wireUs } = brokerSideOf(cell, WORKLOAD, { record: undefined, flow: near }, 'wire');
    expect(Object.values({ ...stampsUs, ...wireUs }).filter((value) => value !== undefined)).toEqual([]);
  });

  it('what a broker says itself stands, but for its SYN-ACK, of which the wire knows', () => {
    const { stampsUs } = brokerSideOf(cell, WORKLOAD, { record: RECORD, flow: near, far }, 'broker');
    expect(stampsUs).toMatchObject({ tcpAccepted: 12, connectReceived: RECORD.connectReceivedUs });
  });
});

describe('the far end of the clients’ link is the broker’s', () => {
  it.each([
    ['direct', 0, true],
    ['firewall', 0, true],
    ['firewall', 5, false],
    ['redundant-firewalls', 0, true],
    // The packets of a tunnel tell nothing of what is in them.
    ['vpn', 0, false],
    // There the link ends at the hop.
    ['tls-terminated', 0, false],
    ['tls-reencrypted', 0, false],
  ])('%s with %s ms behind it: %s', (name, innerMs, seen) => {
    const options = name === 'vpn' ? { kind: 'wireguard' } : {};
    const topology = topologyOf({ name, ...options, innerLink: 'inner' }, () =>
      innerMs === 0 ? NULL_LINK : resolveLink({ oneWayMs: innerMs }),
    );
    expect(isSeen({ ...cellOf('tls13'), topology })).toBe(seen);
  });
});
