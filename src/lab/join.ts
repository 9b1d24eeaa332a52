import { mismatches } from '../modes/check.ts';
import type { Mode } from '../modes/mode.ts';
import { modeNamed } from '../modes/index.ts';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import type { Outcome, Sample } from '../measure/sample.ts';
import type { Arrival, Cell } from '../scenario/plan.ts';
import type { HandshakeWorkload } from '../swarm/workloads/schema.ts';
import type { Attempt } from '../swarm/worker.protocol.ts';
import type { Evidence } from './evidence.ts';
import { taintsOf } from './taint.ts';
import { nodeGroup, wireFacts } from './wire.ts';

/** What an attempt of this kind must have passed to count. */
export function requiredMilestones(mode: Mode, { action, qos }: HandshakeWorkload): Milestone[] {
  const tls: Milestone[] =
    mode.expected.protocol === undefined ? [] : ['serverHandshakeDone', 'clientHandshakeDone'];
  const acknowledged: Milestone[][] = [[], ['pubackReceived'], ['pubrecReceived', 'pubcompReceived']];
  const after: Milestone[] =
    action === 'subscribe'
      ? ['subackReceived']
      : ['publishReceived', 'delivered', ...(acknowledged[qos] ?? [])];
  return [
    'tcpAccepted',
    'tcpConnected',
    ...tls,
    'connectReceived',
    'connackSent',
    'connackReceived',
    ...after,
  ];
}

/**
 * Joins what client, broker, subscriber and link saw of one attempt into a sample: by the MQTT client identifier, the
 * topic, and the client's port. `startUs` is the instant from which the arrival's time counts.
 */
export function joinSample(
  arrival: Arrival,
  cell: Cell,
  workload: HandshakeWorkload,
  attempt: Attempt,
  evidence: Evidence,
  startUs: number,
): Sample {
  const intendedUs = startUs + arrival.atMs * 1000;
  const ms = (us: number): number => (us - intendedUs) / 1000;
  const record = evidence.records.get(arrival.id);
  const flow = evidence.flowOf(attempt);
  const { helloRetryRequest, group } = flow?.tls ?? {};
  const retried = helloRetryRequest === undefined ? {} : { helloRetryRequest };
  const client: Negotiated = { ...attempt.negotiated, ...retried };
  const broker: Negotiated | undefined = record && {
    ...record.negotiated,
    ...(group === undefined ? {} : { group: nodeGroup(group) }),
    ...retried,
  };
  const stampsUs: Partial<Record<Milestone, number | undefined>> = {
    ...attempt.stampsUs,
    // Under real TCP a broker accepts with the third segment; only the link sees its SYN-ACK leave.
    tcpAccepted: flow?.acceptedUs ?? record?.acceptedUs,
    serverHandshakeDone: record?.handshakeDoneUs,
    connectReceived: record?.connectReceivedUs,
    connackSent: record?.connackSentUs,
    publishReceived: record?.publishReceivedUs,
    delivered: evidence.deliveriesUs.get(arrival.id),
  };
  const milestonesMs: Sample['milestonesMs'] = Object.fromEntries(
    MILESTONE_NAMES.flatMap((name) => {
      const us = stampsUs[name];
      return us === undefined ? [] : [[name, ms(us)]];
    }),
  );
  return {
    id: arrival.id,
    cell: cell.id,
    round: arrival.round,
    warmup: arrival.warmup,
    intendedAtMs: arrival.atMs,
    startLateMs: ms(attempt.startedUs),
    outcome: judge(cell, workload, attempt.failure, milestonesMs, { client, broker }),
    tainted: taintsOf(attempt, stampsUs, flow, evidence, ms(attempt.startedUs)),
    milestonesMs,
    negotiated: {
      ...(attempt.failure === undefined ? { client } : {}),
      ...(broker === undefined ? {} : { broker }),
    },
    ...(attempt.bytes === undefined ? {} : { bytes: attempt.bytes }),
    flights: (flow?.flights ?? []).map(({ from, leavesUs, bytes }) => ({
      from,
      leavesMs: ms(leavesUs),
      bytes,
    })),
    ...(flow?.retransmitted === undefined ? {} : { retransmitted: flow.retransmitted }),
    ...(flow?.tls === undefined ? {} : { tls: wireFacts(flow.tls) }),
  };
}

function judge(
  cell: Cell,
  workload: HandshakeWorkload,
  failure: Attempt['failure'],
  milestonesMs: Sample['milestonesMs'],
  { client, broker }: { client: Negotiated; broker: Negotiated | undefined },
): Outcome {
  if (failure !== undefined) return { status: 'failed', ...failure };
  const mode = modeNamed(cell.mode);
  const missing = requiredMilestones(mode, workload).filter((name) => milestonesMs[name] === undefined);
  if (missing.length > 0) {
    return {
      status: 'excluded',
      reason: `missing:${missing[0]}`,
      detail: `These milestones were not stamped: ${missing.join(', ')}.`,
    };
  }
  const expected = { ...mode.expected, brokerNoDelay: cell.broker.noDelay };
  const found = [...mismatches(expected, 'client', client), ...mismatches(expected, 'broker', broker ?? {})];
  const [first] = found;
  if (first === undefined) return { status: 'ok' };
  return { status: 'excluded', reason: first.reason, detail: found.map(({ detail }) => detail).join('; ') };
}
