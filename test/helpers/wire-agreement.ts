import type { Milestone, WireInstant } from '../../src/measure/milestones.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { sortSamples } from '../../src/results/cell.ts';
import { median } from '../../src/stats/median.ts';

/** Modes in which broker and wire tell of the same connections. */
export const MODES_BOTH_TELL = [
  'plain',
  'tls12',
  'tls13',
  'tls12-psk',
  'tls13-psk',
  'mtls12',
  'mtls13',
  'tls12-resumed-id',
  'tls12-resumed-ticket',
  'tls13-resumed',
  'mtls13-resumed',
];

export const LIMIT_MS = 0.5;

/** In these the broker verifies a chain and a signature between the client's last handshake bytes and its own stamp. */
const COMPUTE = new Set(['mtls12', 'mtls13']);

/** How much later than the wire the broker stamped something: the median, in milliseconds, over so many samples. */
export interface Difference {
  name: string;
  count: number;
  p50Ms: number;
}

/**
 * What of a mode's samples is compared, like with like. In mutual modes the broker's computing lies between the arrival
 * of bytes and its stamp; there what the wire shows when that is over, its answer, stands in the place of the arrival,
 * and first data that came before that can only be read then.
 */
export function differences(mode: string, samples: readonly Sample[]): Difference[] {
  const { good } = sortSamples(samples);
  const of = (name: string, valueOf: (sample: Sample) => number | undefined): Difference => {
    const values = good.flatMap((sample) => valueOf(sample) ?? []);
    return { name, count: values.length, p50Ms: values.length === 0 ? NaN : median(values) };
  };
  const minus = (milestone: Milestone, instant: WireInstant) => (sample: Sample) =>
    less(sample.milestonesMs[milestone], sample.wireMs?.[instant]);
  const computes = COMPUTE.has(mode);
  return [
    of('accepted', ({ acceptedMs, wireMs }) => less(acceptedMs, wireMs?.accepted)),
    ...(mode === 'plain'
      ? []
      : computes
        ? [of('handshakeAnswered', minus('serverHandshakeDone', 'handshakeAnswered'))]
        : [of('serverHandshakeDone', minus('serverHandshakeDone', 'serverHandshakeDone'))]),
    of('connectReceived', ({ milestonesMs, wireMs = {} }) => {
      const { connectReceived, handshakeAnswered = -Infinity } = wireMs;
      if (connectReceived === undefined) return undefined;
      const readable = computes ? Math.max(connectReceived, handshakeAnswered) : connectReceived;
      return less(milestonesMs.connectReceived, readable);
    }),
    of('connackSent', minus('connackSent', 'connackSent')),
    of('publishReceived', minus('publishReceived', 'publishReceived')),
  ];
}

/** What no broker can do, however busy the machine: stamp what has not come, or answer before it has stamped. */
export function impossible({ milestonesMs, acceptedMs, wireMs = {} }: Sample): string[] {
  const order: [string, number | undefined, number | undefined][] = [
    ['accepted', wireMs.accepted, acceptedMs],
    ['first flight', wireMs.accepted, wireMs.firstFlight],
    ['handshake', wireMs.serverHandshakeDone, milestonesMs.serverHandshakeDone],
    ['answer', milestonesMs.serverHandshakeDone, wireMs.handshakeAnswered],
    ['CONNECT', wireMs.connectReceived, milestonesMs.connectReceived],
    ['CONNACK', milestonesMs.connectReceived, wireMs.connackSent],
    ['CONNACK at the client', wireMs.connackSent, milestonesMs.connackReceived],
    ['PUBLISH', wireMs.publishReceived, milestonesMs.publishReceived],
  ];
  return order.flatMap(([name, before, after]) =>
    before !== undefined && after !== undefined && before > after ? [`${name}: ${before} > ${after}`] : [],
  );
}

function less(late: number | undefined, early: number | undefined): number | undefined {
  return late === undefined || early === undefined ? undefined : late - early;
}
