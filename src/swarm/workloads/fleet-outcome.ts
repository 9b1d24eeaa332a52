import { encodeHistogram, newHistogram, recordMs } from '../../measure/histogram.ts';
import type { Negotiated } from '../../measure/negotiated.ts';
import { mismatches } from '../../modes/check.ts';
import { modeNamed } from '../../modes/index.ts';
import { CLOSED, type Failure } from '../failure.ts';
import { LATE_US } from '../pacer.ts';
import type { Target } from '../targets.ts';
import type { Connected } from './fleet.protocol.ts';
import type { Fleet } from './fleet.ts';
import type { FleetMember } from './fleet-member.ts';

const GONE: Failure = { ...CLOSED, reason: `lost:${CLOSED.reason}` };

/** What differs between a full handshake and a resumed one, where either will do. */
const OF_RESUMPTION = new Set(
  ['resumed', 'group', 'peerName', 'ticket'].map((name) => `mismatch:client.${name}`),
);

/**
 * What became of a fleet's clients, read off the connections that stand. To be called when nothing is being timed: to read
 * what TLS negotiated takes its time.
 */
export function outcomeOf(fleet: Fleet, { mayBeFull = false } = {}): Connected {
  const { members, target } = fleet;
  const reasons: Record<string, number> = {};
  const negotiated = new Map<string, { what: Negotiated; count: number }>();
  const [connecting, service, tcp] = [newHistogram(), newHistogram(), newHistogram()];
  const total = { connected: 0, good: 0, resumed: 0, attempts: 0, lateStarts: 0 };
  let lastConnackUs: number | undefined;
  for (const member of members) {
    const { intendedUs, startedUs, connackUs, client } = member;
    total.attempts += member.attempts;
    if ((startedUs ?? 0) - (intendedUs ?? 0) > LATE_US) total.lateStarts++;
    if (!member.isConnected || client === undefined || connackUs === undefined) {
      add(reasons, member.failure?.reason ?? 'not-started');
      continue;
    }
    const what = client.negotiated;
    if (target.tls !== undefined && what.protocol === undefined) {
      // A socket that is closed tells nothing of TLS any more; that it is closed will be told in a moment.
      member.lose(GONE);
      add(reasons, GONE.reason);
      continue;
    }
    total.connected++;
    if (what.resumed === true) total.resumed++;
    const line = JSON.stringify(what);
    const alike = negotiated.get(line);
    if (alike === undefined) negotiated.set(line, { what, count: 1 });
    else alike.count++;
    const wrong = mismatchOf(target, what, mayBeFull);
    if (wrong !== undefined) {
      add(reasons, wrong);
      continue;
    }
    total.good++;
    lastConnackUs = Math.max(lastConnackUs ?? 0, connackUs);
    recordMs(connecting, (connackUs - (intendedUs ?? connackUs)) / 1000);
    recordMs(service, (connackUs - client.startedUs) / 1000);
    // What an emulator stands in for was not measured.
    if (client.tcpConnectedUs !== undefined && target.modelledConnectMs === 0)
      recordMs(tcp, (client.tcpConnectedUs - client.startedUs) / 1000);
  }
  return {
    clients: members.length,
    ...total,
    reasons,
    ...(lastConnackUs === undefined ? {} : { lastConnackUs }),
    connectingHdr: encodeHistogram(connecting),
    serviceHdr: encodeHistogram(service),
    tcpHdr: encodeHistogram(tcp),
    negotiated: [...negotiated.values()],
  };
}

/** How often each reason is why members that some rule picks are not connected. */
export function reasonsOf(
  members: readonly FleetMember[],
  counts: (member: FleetMember, position: number) => boolean,
): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const [position, member] of members.entries())
    if (!member.isConnected && counts(member, position)) add(reasons, member.failure?.reason ?? 'closed');
  return reasons;
}

function mismatchOf(target: Target, what: Negotiated, mayBeFull: boolean): string | undefined {
  const expected = {
    ...modeNamed(target.mode).expected,
    // Of the broker's end nothing is asked here.
    brokerNoDelay: target.noDelay,
    brokerName: target.peer?.name,
  };
  return mismatches(expected, 'client', what).find(({ reason }) => !(mayBeFull && OF_RESUMPTION.has(reason)))
    ?.reason;
}

function add(reasons: Record<string, number>, reason: string): void {
  reasons[reason] = (reasons[reason] ?? 0) + 1;
}
