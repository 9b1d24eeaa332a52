import type { BrokerKind, BrokerRecord } from '../broker/broker.ts';
import { brokerNamed } from '../broker/index.ts';
import type { Flow } from '../link/backend.ts';
import { isNullLink } from '../link/spec.ts';
import type { Milestone, WireInstant } from '../measure/milestones.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import { mismatches, type Mismatch } from '../modes/check.ts';
import { wireMismatches } from '../modes/check-wire.ts';
import { modeNamed } from '../modes/index.ts';
import type { Expected } from '../modes/mode.ts';
import type { Cell } from '../scenario/plan.ts';
import { actionOf, type SingleWorkload } from '../swarm/workloads/settings/single.ts';
import { topologyNamed } from '../topology/index.ts';
import { farTap } from '../topology/routed.ts';
import { refusedAtOf } from './refusals.ts';
import { asNamed, groupName, negotiatedOnWire } from './wire.ts';

/** What is known of an attempt at the broker's end. Instants are microseconds of the monotonic clock. */
export interface BrokerSide {
  /** Of the source that the broker's kind has. */
  stampsUs: Partial<Record<Milestone, number | undefined>>;
  negotiated: Negotiated | undefined;
  /** What passed the broker's end of the link, whatever the broker told. */
  wireUs: Partial<Record<WireInstant, number | undefined>>;
}

/** Who tells what happened at the broker of a cell. */
export function stampsOf({ broker }: Pick<Cell, 'broker'>): BrokerKind['stamps'] {
  return brokerNamed(broker.name).stamps;
}

/** Whether a plan has brokers of which the wire alone tells. */
export function needsTap({ cells }: { cells: readonly Pick<Cell, 'broker'>[] }): boolean {
  return cells.some((cell) => stampsOf(cell) === 'wire');
}

/** What links saw of an attempt: the clients' own, and one behind it that the same packets cross. */
export interface Flows {
  flow: Flow | undefined;
  far?: Flow | undefined;
}

/** What the link that ends at the broker saw; undefined where none of those that look does. */
export function flowAtBroker(cell: Cell, { flow, far }: Flows): Flow | undefined {
  return hasFarTap(cell) ? far : isSeen(cell) ? flow : undefined;
}

/** Puts together what the broker stamped and what a link saw at the broker's end, whichever of them there is. */
export function brokerSideOf(
  cell: Cell,
  workload: SingleWorkload,
  seen: { record: BrokerRecord | undefined } & Flows,
  stamps: BrokerKind['stamps'] = stampsOf(cell),
): BrokerSide {
  const { record, flow } = seen;
  const atBroker = flowAtBroker(cell, seen);
  const wireUs = wireInstants(cell, workload, atBroker);
  // The SYN-ACK leaves the broker where that is, and a hop that ends connections answers in its place.
  const acceptedUs = hasFarTap(cell) ? atBroker?.acceptedUs : flow?.acceptedUs;
  if (stamps === 'wire') {
    const { serverHandshakeDone, connectReceived, connackSent, publishReceived } = wireUs;
    return {
      stampsUs: {
        tcpAccepted: acceptedUs,
        serverHandshakeDone,
        connectReceived,
        connackSent,
        publishReceived,
      },
      negotiated: atBroker?.tls && negotiatedOnWire(atBroker.tls),
      wireUs,
    };
  }
  return {
    stampsUs: {
      tcpAccepted: acceptedUs ?? (acceptIsAnswer(cell, flow) ? record?.acceptedUs : undefined),
      serverHandshakeDone: record?.handshakeDoneUs,
      connectReceived: record?.connectReceivedUs,
      connackSent: record?.connackSentUs,
      publishReceived: record?.publishReceivedUs,
    },
    negotiated: record && withWire(record.negotiated, flow ?? atBroker),
    wireUs,
  };
}

/**
 * What of a connection is not as its mode asks at the far end of the clients' link: by that end's own words, or by the
 * wire of a link that leads there. What nobody saw is not judged.
 */
export function mismatchesAtEnd(
  expected: Expected & { brokerNoDelay: boolean },
  negotiated: Negotiated | undefined,
  { tells, flow }: { tells: boolean; flow: Flow | undefined },
): Mismatch[] {
  if (tells) return mismatches(expected, 'broker', negotiated ?? {});
  return flow === undefined ? [] : wireMismatches(expected, flow.tls && asNamed(flow.tls));
}

/**
 * Whether the broker's accept may stand for the leaving of its SYN-ACK. Under real TCP a broker accepts with the third
 * segment, two trips later; so without a link that tells its flows only where trips take no time.
 */
export function acceptIsAnswer(cell: Cell, flow: Flow | undefined): boolean {
  const { innerLink } = cell.topology;
  if (hasFarTap(cell)) return false;
  return flow !== undefined || (isNullLink(cell.link) && (innerLink === undefined || isNullLink(innerLink)));
}

/** Whether the clients' packets cross a link behind a router or a tunnel, so that what is at the broker's end is its tap. */
export function hasFarTap({ mode, topology }: Pick<Cell, 'mode' | 'topology'>): boolean {
  const { name, innerLink } = topology;
  const kind = topologyNamed(name);
  if (innerLink === undefined || kind.path(modeNamed(mode), topology)?.kind !== 'through') return false;
  return farTap(innerLink, kind.hides) === 'far';
}

/** Whether the far end of the clients' link is the broker's: no hop ends connections there, and no link is behind it. */
export function isSeen({ mode, topology }: Cell): boolean {
  const kind = topologyNamed(topology.name);
  const path = kind.path(modeNamed(mode), topology);
  if (path === undefined || path.kind === 'aside') return true;
  const { innerLink } = topology;
  return path.kind === 'through' && kind.hides !== true && innerLink !== undefined && isNullLink(innerLink);
}

function wireInstants(cell: Cell, workload: SingleWorkload, flow: Flow | undefined): BrokerSide['wireUs'] {
  const at = flow?.atBroker;
  if (at === undefined) return {};
  const mode = modeNamed(cell.mode);
  const refusedAt = refusedAtOf(cell);
  const first = { accepted: at.acceptedUs, firstFlight: at.firstFlightUs };
  // What such a client sent behind its handshake, the broker never took.
  if (refusedAt === 'handshake') return first;
  const publish = at.publishReceivedUs ?? (mode.pipelined ? at.togetherReceivedUs : at.nextReceivedUs);
  return {
    ...first,
    serverHandshakeDone: at.handshakeDoneUs,
    handshakeAnswered: at.handshakeAnsweredUs,
    connectReceived: at.connectReceivedUs,
    connackSent: at.connackSentUs,
    // A broker that has refused reads nothing more.
    ...(actionOf(workload) === 'publish' && refusedAt !== 'connect' ? { publishReceived: publish } : {}),
  };
}

/** Adds to what a server says what Node does not tell it. */
export function withWire(negotiated: Negotiated, flow: Flow | undefined): Negotiated {
  const { helloRetryRequest, group } = flow?.tls ?? {};
  return {
    ...negotiated,
    ...(group === undefined ? {} : { group: groupName(group) }),
    ...(issuesTicket(flow) ? { ticket: true } : {}),
    ...(helloRetryRequest === undefined ? {} : { helloRetryRequest }),
  };
}

/** Whether the broker's NewSessionTicket was seen; in TLS 1.3 it is encrypted, and the client alone tells of it. */
function issuesTicket(flow: Flow | undefined): boolean {
  return (flow?.tls?.records ?? []).some(
    ({ from, messages = [] }) =>
      from === 'broker' && messages.some(({ name }) => name === 'NewSessionTicket'),
  );
}
