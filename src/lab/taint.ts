import type { Flow } from '../link/backend.ts';
import type { Milestone } from '../measure/milestones.ts';
import type { Attempt } from '../swarm/worker.protocol.ts';
import type { Evidence } from './evidence.ts';

/** A generator that starts later than this was busy with something else. */
const LATE_START_MS = 5;
/** A chunk that the emulator held longer than this past its time moved the sample by more than the figures resolve. */
const LATE_RELEASE_MS = 2;

/**
 * Why a sample is not to be trusted: the event loop of a process stalled while it ran, it started late, or the link
 * released one of its chunks late. Such samples are kept and counted, and left out of the figures.
 */
export function taintsOf(
  attempt: Attempt,
  stampsUs: Partial<Record<Milestone, number | undefined>>,
  flow: Flow | undefined,
  evidence: Evidence,
  startLateMs: number,
): string[] {
  const fromUs = attempt.startedUs;
  const toUs = Math.max(fromUs, ...Object.values(stampsUs).filter((us) => us !== undefined));
  const stalled = [...evidence.stalls]
    .filter(([, stalls]) => stalls.some((stall) => stall.fromUs < toUs && stall.toUs > fromUs))
    .map(([process]) => `stall:${process}`);
  return [
    ...stalled,
    ...(startLateMs > LATE_START_MS ? ['late-start'] : []),
    ...(flow !== undefined && flow.maxLateMs > LATE_RELEASE_MS ? ['late-release'] : []),
  ];
}

/** Whether a reason in a cell's account is a taint rather than a failure or an exclusion. */
export function isTaint(reason: string): boolean {
  return reason.startsWith('stall:') || reason === 'late-start' || reason === 'late-release';
}
