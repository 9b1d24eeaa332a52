import type { BrokerKind, BrokerRecord } from '../broker/broker.ts';
import { brokerNamed } from '../broker/index.ts';
import type { Flow } from '../link/backend.ts';
import { isNullLink } from '../link/spec.ts';
import type { Milestone, WireInstant } from '../measure/milestones.ts';
import type { Negotiated } from '../measure/negotiated.ts';
import { modeNamed } from '../modes/index.ts';
import type { Cell } from '../scenario/plan.ts';
import type { HandshakeWorkload } from '../swarm/workloads/schema.ts';
import { topologyNamed } from '../topology/index.ts';
import { refusedAtOf } from './refusals.ts';
import { groupName, negotiatedOnWire } from './wire.ts';

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

/** Puts together what the broker stamped and what the link saw at the broker's end, whichever of them there is. */
export function brokerSideOf(
  cell: Cell,
  workload: HandshakeWorkload,
  seen: { record: BrokerRecord | undefined; flow: Flow | undefined },
  stamps: BrokerKind['stamps'] = stampsOf(cell),
): BrokerSide {
  const { record, flow } = seen;
  const wireUs = isSeen(cell) ? wireInstants(cell, workload, flow) : {};
  if (stamps === 'wire') {
    const { serverHandshakeDone, connectReceived, connackSent, publishReceived } = wireUs;
    return {
      stampsUs: {
        tcpAccepted: flow?.acceptedUs,
        serverHandshakeDone,
        connectReceived,
        connackSent,
        publishReceived,
      },
      negotiated: isSeen(cell) && flow?.tls !== undefined ? negotiatedOnWire(flow.tls) : undefined,
      wireUs,
    };
  }
  return {
    stampsUs: {
      tcpAccepted: flow?.acceptedUs ?? (acceptIsAnswer(cell, flow) ? record?.acceptedUs : undefined),
      serverHandshakeDone: record?.handshakeDoneUs,
      connectReceived: record?.connectReceivedUs,
      connackSent: record?.connackSentUs,
      publishReceived: record?.publishReceivedUs,
    },
    negotiated: record && withWire(record.negotiated, flow),
    wireUs,
  };
}

/**
 * Whether the broker's accept may stand for the leaving of its SYN-ACK. Under real TCP a broker accepts with the third
 * segment, two trips later; so without a link that tells its flows only where trips take no time.
 */
export function acceptIsAnswer({ link }: Cell, flow: Flow | undefined): boolean {
  return flow !== undefined || isNullLink(link);
}

/** Behind a hop the far end of the clients' link is the hop's, not the broker's. */
function isSeen({ mode, topology }: Cell): boolean {
  return topologyNamed(topology.name).path(modeNamed(mode), topology) === undefined;
}

function wireInstants(
  cell: Cell,
  { action }: HandshakeWorkload,
  flow: Flow | undefined,
): BrokerSide['wireUs'] {
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
    ...(action === 'publish' && refusedAt !== 'connect' ? { publishReceived: publish } : {}),
  };
}

/** Adds to what the broker says what Node does not tell it. */
function withWire(negotiated: Negotiated, flow: Flow | undefined): Negotiated {
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
