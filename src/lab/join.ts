import { brokerNamed } from '../broker/index.ts';
import type { Flow } from '../link/backend.ts';
import type { BrokerKind, BrokerRecord } from '../broker/broker.ts';
import { mismatches } from '../modes/check.ts';
import { modeNamed } from '../modes/index.ts';
import { MILESTONE_NAMES, MILESTONES, WIRE_INSTANTS, type Milestone } from '../measure/milestones.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import type { Outcome, Sample } from '../measure/sample.ts';
import type { Arrival, Cell } from '../scenario/plan.ts';
import { actionOf, type SingleWorkload } from '../swarm/workloads/settings/single.ts';
import type { Attempt } from '../swarm/workloads/handshake.protocol.ts';
import { acceptIsAnswer, brokerSideOf, flowAtBroker, mismatchesAtEnd, stampsOf } from './broker-side.ts';
import type { Evidence } from './evidence.ts';
import {
  hopEnd,
  hopFailure,
  hopSideOf,
  innerFlowOf,
  innerMismatches,
  innerOf,
  type HopSide,
} from './hop-side.ts';
import { closedTo, refusedAtOf } from './refusals.ts';
import { taintsOf } from './taint.ts';
import { groupName, wireFacts } from './wire.ts';

/** What decides what an attempt must have passed. */
type Judged = Pick<Cell, 'mode' | 'broker' | 'topology' | 'workload'>;

const NOTHING = { flights: [], maxLateMs: 0 };

/**
 * What an attempt of this kind must have passed to count. Where the wire alone tells of the broker, that is what the
 * client and the subscriber saw: nothing that they hold came without the broker, whether or not its part could be seen.
 */
export function requiredMilestones(
  cell: Judged,
  workload: SingleWorkload,
  stamps: BrokerKind['stamps'] = stampsOf(cell),
): Milestone[] {
  if (closedTo(cell) !== undefined) return ['refused'];
  const all = passedMilestones(cell, workload);
  return stamps === 'broker' ? all : all.filter((name) => MILESTONES[name].at !== 'broker');
}

/** What a client holds once its message is acknowledged as its QoS asks (OASIS MQTT 3.1.1 §4.3). */
const ACKNOWLEDGED = {
  0: [],
  1: ['pubackReceived'],
  2: ['pubrecReceived', 'pubcompReceived'],
} as const satisfies Record<number, Milestone[]>;

function passedMilestones(cell: Judged, workload: SingleWorkload): Milestone[] {
  const mode = modeNamed(cell.mode);
  const refusedAt = refusedAtOf(cell);
  if (refusedAt === 'handshake') return ['tcpConnected', 'refused'];
  const tls: Milestone[] =
    mode.expected.protocol === undefined ? [] : ['serverHandshakeDone', 'clientHandshakeDone'];
  if (refusedAt !== undefined) {
    const letIn: Milestone[] = refusedAt === 'connect' ? [] : ['connackSent', 'connackReceived'];
    const published: Milestone[] = refusedAt === 'publish' ? ['publishReceived'] : [];
    return ['tcpAccepted', 'tcpConnected', ...tls, 'connectReceived', ...letIn, ...published, 'refused'];
  }
  const after: Milestone[] =
    actionOf(workload) === 'subscribe'
      ? ['subackReceived']
      : [
          'publishReceived',
          // A sensor's message is nobody's but the broker's: its delivery would share the link that is measured.
          ...(workload.kind === 'wake' ? [] : (['delivered'] as const)),
          ...ACKNOWLEDGED[workload.qos],
          ...(workload.kind === 'wake' ? (['disconnected'] as const) : []),
        ];
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
  workload: SingleWorkload,
  attempt: Attempt,
  evidence: Evidence,
  startUs: number,
): Sample {
  const intendedUs = startUs + arrival.atMs * 1000;
  const ms = (us: number): number => (us - intendedUs) / 1000;
  const record = evidence.records.get(arrival.id);
  const flow = evidence.flowOf(attempt);
  const far = evidence.farFlowOf(attempt);
  const hop = hopSideOf(cell, arrival.id, evidence);
  const inner = hop && innerFlowOf(hop, arrival.id, flow, evidence);
  const hasAnswer = acceptIsAnswer(cell, flow);
  const broker = brokerSideOf(cell, workload, { record, flow, far });
  const side = hop === undefined ? broker : hopEnd(hop, broker, { flow, inner, hasAnswer });
  // In a tunnel the clients' own link does not show what their connections say.
  const tls = flow?.tls ?? far?.tls;
  const { helloRetryRequest, group } = tls ?? {};
  const retried = helloRetryRequest === undefined ? {} : { helloRetryRequest };
  const client: Negotiated = {
    ...attempt.negotiated,
    ...(group === undefined || !modeNamed(cell.mode).expected.untold.includes('group')
      ? {}
      : { group: groupName(group) }),
    ...retried,
  };
  const stampsUs: Partial<Record<Milestone, number | undefined>> = {
    ...attempt.stampsUs,
    ...connected(attempt, flow),
    ...side.stampsUs,
    delivered: evidence.deliveriesUs.get(arrival.id),
  };
  const told = <T extends string>(names: readonly T[], us: Partial<Record<T, number | undefined>>) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const at = us[name];
        return at === undefined ? [] : [[name, ms(at)]];
      }),
    ) as Partial<Record<T, number>>;
  const milestonesMs = told(MILESTONE_NAMES, stampsUs);
  const wireMs = told(WIRE_INSTANTS, side.wireUs);
  return {
    id: arrival.id,
    cell: cell.id,
    round: arrival.round,
    warmup: arrival.warmup,
    intendedAtMs: arrival.atMs,
    startLateMs: ms(attempt.startedUs),
    outcome: judge(cell, workload, {
      failure: attempt.failure,
      milestonesMs,
      client,
      broker: side.negotiated,
      flow: hop === undefined ? flowAtBroker(cell, { flow, far }) : flow,
      hop,
      inner,
      record,
      hasAnswer,
    }),
    // Between the SYN of a client that is not let in and its end nothing happens that a stall could hold up.
    tainted: taintsOf(
      attempt,
      cell,
      stampsUs,
      flow === undefined
        ? (far ?? (closedTo(cell) && NOTHING))
        : { ...flow, maxLateMs: Math.max(flow.maxLateMs, inner?.maxLateMs ?? 0, far?.maxLateMs ?? 0) },
      evidence,
      ms(attempt.startedUs),
    ),
    milestonesMs,
    ...(Object.keys(wireMs).length === 0 ? {} : { wireMs }),
    ...(record === undefined ? {} : { acceptedMs: ms(record.acceptedUs) }),
    negotiated: {
      ...(attempt.failure === undefined ? { client } : {}),
      ...(side.negotiated === undefined ? {} : { broker: side.negotiated }),
    },
    ...(hop === undefined ? {} : { inner: innerOf(hop, record, inner, ms) }),
    ...(attempt.bytes === undefined ? {} : { bytes: attempt.bytes }),
    flights: (flow?.flights ?? []).map(({ from, leavesUs, bytes }) => ({
      from,
      leavesMs: ms(leavesUs),
      bytes,
    })),
    ...(record?.access === undefined ? {} : { access: record.access }),
    ...(flow?.retransmitted === undefined ? {} : { retransmitted: flow.retransmitted }),
    ...(flow?.packets === undefined ? {} : { packets: flow.packets }),
    ...(tls === undefined ? {} : { tls: wireFacts(tls) }),
  };
}

/** A link that stands in for the TCP handshake knows what this connection's own took, lost SYNs included. */
function connected(
  { stampsUs, modelledConnectMs }: Attempt,
  flow: Flow | undefined,
): { tcpConnected?: number } {
  if (stampsUs.tcpConnected === undefined || flow?.modelledConnectMs === undefined) return {};
  return { tcpConnected: stampsUs.tcpConnected + 1000 * (flow.modelledConnectMs - modelledConnectMs) };
}

/** What is known of an attempt when it is judged. */
interface Found {
  failure: Attempt['failure'];
  milestonesMs: Sample['milestonesMs'];
  client: Negotiated;
  broker: Negotiated | undefined;
  /** Of the link that ends at the broker, or at the hop. */
  flow: Flow | undefined;
  /** Where a hop ended the connection. */
  hop: HopSide | undefined;
  /** Of the hop's own connection. */
  inner: Flow | undefined;
  record: BrokerRecord | undefined;
  /** Whether the leaving of the SYN-ACK is known to anybody. */
  hasAnswer: boolean;
}

function judge(
  cell: Cell,
  workload: SingleWorkload,
  { failure, milestonesMs, client, broker, flow, hop, inner, record, hasAnswer }: Found,
): Outcome {
  // The client knows no more than that it was sent away.
  if (failure !== undefined) return hopFailure(hop) ?? { status: 'failed', ...failure };
  const mode = modeNamed(cell.mode);
  const closed = closedTo(cell);
  const refusedAt = refusedAtOf(cell);
  const missing = requiredMilestones(cell, workload).filter(
    (name) =>
      milestonesMs[name] === undefined &&
      (hasAnswer || name !== 'tcpAccepted') &&
      // A hop that tells nothing is known by the wire alone, where a link looks.
      (hop?.ending.tells !== false || name !== 'serverHandshakeDone'),
  );
  if (missing.length > 0) {
    return {
      status: 'excluded',
      reason: `missing:${missing[0]}`,
      detail: missing.includes('refused')
        ? `The ${closed === undefined ? 'broker' : cell.topology.id} let in a client that it must refuse.`
        : `These milestones were not stamped: ${missing.join(', ')}.`,
    };
  }
  // Nothing is left of what was negotiated with a client that was turned away before.
  if (refusedAt === 'handshake' || closed !== undefined) return { status: 'ok' };
  const { noDelay } = cell.broker;
  const peer = brokerNamed(cell.broker.name).peerName?.(mode, cell.broker);
  const expected = {
    ...mode.expected,
    // Who a client is, is asked behind the hop.
    authenticated: hop === undefined ? mode.expected.authenticated : undefined,
    brokerNoDelay: hop === undefined ? noDelay : true,
    brokerName: hop === undefined ? peer : undefined,
  };
  const atBroker = mismatchesAtEnd(expected, broker, {
    tells: hop?.ending.tells ?? stampsOf(cell) === 'broker',
    flow,
  });
  const behind = hop === undefined ? [] : innerMismatches(hop, record, inner, noDelay);
  const found = [...mismatches(expected, 'client', client), ...atBroker, ...behind];
  const [first] = found;
  if (first === undefined) return { status: 'ok' };
  return { status: 'excluded', reason: first.reason, detail: found.map(({ detail }) => detail).join('; ') };
}
