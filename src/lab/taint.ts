import type { Flow } from '../link/backend.ts';
import type { Milestone } from '../measure/milestones.ts';
import type { Stall } from '../process/protocol.ts';
import type { Attempt } from '../swarm/workloads/handshake.protocol.ts';
import type { Cell } from '../scenario/plan.ts';
import type { Evidence, ProcessPlace } from './evidence.ts';

/** A generator that starts later than this was busy with something else. */
const LATE_START_MS = 5;
/** A chunk that the emulator held longer than this past its time moved the sample by more than the figures resolve. */
const LATE_RELEASE_MS = 2;

/** What a stall held up is worked off, and stamped, within this time after it. */
const AFTERMATH_MS = 5;

/**
 * Why a sample is not to be trusted: something of it happened in or right after a stall of a process, it started late,
 * or the link released one of its chunks late. Such samples are kept and counted, and left out of the figures.
 *
 * A stall while nothing of the sample was due does not touch it. To taint by overlap alone would leave out the slow
 * samples first, those that wait for a retransmission for example, and cut the tail off.
 */
export function taintsOf(
  attempt: Attempt,
  cell: Cell,
  stampsUs: Partial<Record<Milestone, number | undefined>>,
  flow: Pick<Flow, 'flights' | 'maxLateMs'> | undefined,
  evidence: Evidence,
  startLateMs: number,
): string[] {
  const stamps = [attempt.startedUs, ...Object.values(stampsUs).filter((us) => us !== undefined)];
  const touches = (stall: Stall): boolean =>
    flow === undefined
      ? // Nobody saw what happened between the milestones.
        stall.fromUs < Math.max(...stamps) && stall.toUs > attempt.startedUs
      : [...stamps, ...flow.flights.map(({ leavesUs }) => leavesUs)].some(
          (us) => us >= stall.fromUs && us <= stall.toUs + AFTERMATH_MS * 1000,
        );
  return [
    ...[...evidence.stalls]
      .filter(([process, stalls]) => isOn(cell, evidence.places.get(process)) && stalls.some(touches))
      .map(([process]) => `stall:${process}`),
    ...(startLateMs > LATE_START_MS ? ['late-start'] : []),
    ...(flow !== undefined && flow.maxLateMs > LATE_RELEASE_MS ? ['late-release'] : []),
  ];
}

/** Whether a cell's connections meet a process: not those of another topology's hop, or of another broker. */
function isOn({ broker, topology }: Cell, place: ProcessPlace | undefined): boolean {
  if (place === undefined) return true;
  return place.topology === topology.id && (place.broker ?? broker.id) === broker.id;
}

/** Whether a reason in a cell's account is a taint rather than a failure or an exclusion. */
export function isTaint(reason: string): boolean {
  return reason.startsWith('stall:') || reason === 'late-start' || reason === 'late-release';
}
