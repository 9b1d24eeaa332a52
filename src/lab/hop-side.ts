import type { BrokerRecord } from '../broker/broker.ts';
import type { Flow } from '../link/backend.ts';
import type { Outcome, Sample } from '../measure/sample.ts';
import { mismatches } from '../modes/check.ts';
import { modeNamed } from '../modes/index.ts';
import type { Cell } from '../scenario/plan.ts';
import type { HopRecord } from '../topology/hop-record.ts';
import { topologyNamed } from '../topology/index.ts';
import type { Ending } from '../topology/topology.ts';
import { mismatchesAtEnd, withWire, type BrokerSide } from './broker-side.ts';
import type { Evidence } from './evidence.ts';
import { negotiatedOnWire } from './wire.ts';

/** What is known of an attempt at a hop that ended its connection. */
export interface HopSide {
  ending: Ending;
  /** The mode of the hop's own connection. */
  innerMode: string;
  record: HopRecord | undefined;
}

/** What the hop of a cell told of an attempt; undefined where no hop ends the connection. */
export function hopSideOf(
  { mode, topology }: Cell,
  arrival: number,
  evidence: Evidence,
): HopSide | undefined {
  const kind = topologyNamed(topology.name);
  const ending = kind.ending?.(topology);
  if (ending === undefined) return undefined;
  const record = evidence.hops.get(arrival);
  return {
    ending,
    innerMode: kind.brokerMode(mode, topology),
    record,
  };
}

/**
 * What the inner link saw of a hop's connection for an attempt: as the hop tells it, or the wire in clear, or else, of the
 * attempt's own `flow`, the hop's log.
 */
export function innerFlowOf(
  { record, innerMode }: Pick<HopSide, 'record' | 'innerMode'>,
  arrival: number,
  flow: Flow | undefined,
  evidence: Evidence,
): Flow | undefined {
  if (record !== undefined) return evidence.innerFlowOf(record);
  if (modeNamed(innerMode).security === undefined) return evidence.namedFlowOf(arrival);
  return flow && evidence.passedFlowOf(flow);
}

/**
 * The far end of an attempt that ended at a hop: the hop's, as it or else the wire tells, and from first data on the
 * broker's (`behind`), of which the wire of the outer link knows nothing.
 */
export function hopEnd(
  { record }: HopSide,
  behind: BrokerSide,
  { flow, inner, hasAnswer }: { flow: Flow | undefined; inner: Flow | undefined; hasAnswer: boolean },
): BrokerSide {
  return {
    stampsUs: {
      // Of a broker that stamps nothing, its end of the inner link tells.
      connectReceived: inner?.atBroker.connectReceivedUs,
      connackSent: inner?.atBroker.connackSentUs,
      publishReceived: inner?.atBroker.publishReceivedUs,
      ...defined(behind.stampsUs),
      tcpAccepted: flow?.acceptedUs ?? (hasAnswer ? record?.outer.acceptedUs : undefined),
      serverHandshakeDone: record?.outer.handshakeDoneUs ?? flow?.atBroker.handshakeDoneUs,
    },
    negotiated:
      record === undefined
        ? flow?.tls && negotiatedOnWire(flow.tls)
        : withWire(record.outer.negotiated, flow),
    wireUs: {},
  };
}

function defined<T extends object>(all: T): Partial<T> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The hop's connection to the broker, for the sample; `ms` counts from the intended start. */
export function innerOf(
  { record }: HopSide,
  broker: BrokerRecord | undefined,
  flow: Flow | undefined,
  ms: (us: number) => number,
): NonNullable<Sample['inner']> {
  return {
    ...(record === undefined ? {} : { hop: record.inner.negotiated }),
    ...(record?.inner.readyUs === undefined
      ? {}
      : { forwardedMs: ms(Math.max(record.inner.readyUs, record.outer.firstByteUs)) }),
    ...(broker === undefined ? {} : { broker: broker.negotiated }),
    ...(flow === undefined
      ? {}
      : {
          ...(record?.inner.warm === true
            ? {}
            : {
                dialledMs: ms(flow.openedUs),
                ...(flow.acceptedUs === undefined ? {} : { acceptedMs: ms(flow.acceptedUs) }),
              }),
          flights: flow.flights.map(({ from, leavesUs, bytes }) => ({ from, leavesMs: ms(leavesUs), bytes })),
        }),
  };
}

/** Why the hop sent the client away; undefined where it did not. */
export function hopFailure(hop: HopSide | undefined): Extract<Outcome, { status: 'failed' }> | undefined {
  const failure = hop?.record?.inner.failure;
  return failure && { status: 'failed', ...failure };
}

/**
 * What of the hop's own connection is not as the topology and its inner mode ask: whether it stood before, and what its
 * two ends negotiated. What is not told is not judged.
 */
export function innerMismatches(
  { ending, innerMode, record }: HopSide,
  broker: BrokerRecord | undefined,
  inner: Flow | undefined,
  brokerNoDelay: boolean,
): { reason: string; detail: string }[] {
  const { expected } = modeNamed(innerMode);
  const asked = { ...expected, clientNoDelay: true, brokerNoDelay };
  const ends = [
    ...(record === undefined ? [] : mismatches(asked, 'client', record.inner.negotiated)),
    // Of a broker that tells nothing, the wire of the hop's connection does.
    ...(broker === undefined
      ? mismatchesAtEnd(asked, undefined, { tells: false, flow: inner })
      : mismatches(asked, 'broker', broker.negotiated)),
  ];
  return [
    ...(record === undefined || record.inner.warm === ending.warm
      ? []
      : [
          {
            reason: 'mismatch:inner.warm',
            detail: record.inner.warm
              ? 'the hop had a connection to the broker ready, and should have had none'
              : 'the hop had no connection to the broker ready',
          },
        ]),
    ...ends.map(({ reason, detail }) => ({
      reason: reason.replace('mismatch:', 'mismatch:inner.'),
      detail: `behind the hop (its end is the client): ${detail}`,
    })),
  ];
}
