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

/**
 * In these the broker verifies a chain and a signature between the client's last handshake bytes and its own stamp; and
 * what they are but for that.
 */
const COMPUTE = new Map([
  ['mtls12', 'tls12'],
  ['mtls13', 'tls13'],
]);

/** How much later than the wire the broker stamped something: the median, in milliseconds, over so many samples. */
export interface Difference {
  name: string;
  count: number;
  p50Ms: number;
}

/**
 * What of a mode's samples is compared, like with like; `samplesOf` answers those of any mode of the run. In mutual modes
 * the broker's computing lies between the arrival of bytes and its stamp. There its stamp is held against the leaving of
 * what ends its handshake, and that against the same without mutual authentication: what it does between the two has
 * nothing to do with certificates, so they are alike if the rest is compute. First data that came before that answer can
 * be read only then.
 */
export function differences(mode: string, samplesOf: (mode: string) => readonly Sample[]): Difference[] {
  const { good } = sortSamples(samplesOf(mode));
  const of = (name: string, valueOf: (sample: Sample) => number | undefined, from = good): Difference => {
    const values = from.flatMap((sample) => valueOf(sample) ?? []);
    return { name, count: values.length, p50Ms: values.length === 0 ? NaN : median(values) };
  };
  const minus = (milestone: Milestone, instant: WireInstant) => (sample: Sample) =>
    less(sample.milestonesMs[milestone], sample.wireMs?.[instant]);
  const twin = COMPUTE.get(mode);
  const answered = (): Difference => {
    const valueOf = minus('serverHandshakeDone', 'handshakeAnswered');
    const own = of('handshakeAnswered', valueOf);
    const other = of('', valueOf, sortSamples(samplesOf(twin ?? '')).good);
    return { ...own, p50Ms: own.p50Ms - other.p50Ms };
  };
  return [
    of('accepted', ({ acceptedMs, wireMs }) => less(acceptedMs, wireMs?.accepted)),
    ...(mode === 'plain'
      ? []
      : twin === undefined
        ? [of('serverHandshakeDone', minus('serverHandshakeDone', 'serverHandshakeDone'))]
        : [answered()]),
    of('connectReceived', ({ milestonesMs, wireMs = {} }) => {
      const { connectReceived, handshakeAnswered = -Infinity } = wireMs;
      if (connectReceived === undefined) return undefined;
      const readable = twin === undefined ? connectReceived : Math.max(connectReceived, handshakeAnswered);
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
