import { setTimeout as sleep } from 'node:timers/promises';
import type { CellResult } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import type { Workload, WorkloadKind } from '../../swarm/workloads/settings/index.ts';
import type { Lab } from '../assemble.ts';
import type { Evidence } from '../evidence.ts';
import type { RunObserver } from '../observer.ts';

export interface PhaseContext {
  lab: Lab;
  evidence: Evidence;
  observer: RunObserver;
  /** Of the scenario. */
  seed: number;
  /** Aborted when the run must end; its reason says why. */
  stop: AbortSignal;
}

/** What a workload of a whole fleet leaves in the results of its cell. */
export interface FleetOutcome {
  figures: Pick<CellResult, 'throughput' | 'failover' | 'storm' | 'hold'>;
  /** What both ends agreed on, as the cell's results count it; absent where nobody looked. */
  negotiated?: CellResult['negotiated'];
  /** What became of what the workload counts: deliveries, clients, wake-ups. */
  samples: CellResult['samples'];
}

/** A workload in which a cell's clients act together, one cell after another: one file each, named in `index.ts`. */
export interface FleetPhase<K extends WorkloadKind = WorkloadKind> {
  kind: K;
  /** What is being done, for who watches. */
  step(cell: Cell, workload: Extract<Workload, { kind: K }>): string;
  /** Connections that are open at one time. */
  openAtOnce(workload: Extract<Workload, { kind: K }>): number;
  /** What it sends a broker that is not ours, in words. */
  load(workload: Extract<Workload, { kind: K }>): string;
  /** What it answers after `stop` counts too: what happened until then, and why the rest did not. */
  partial?: true;
  /** Runs a cell. What it answers after `stop` is of no use, unless it is `partial`. */
  run(cell: Cell, workload: Extract<Workload, { kind: K }>, context: PhaseContext): Promise<FleetOutcome>;
}

/** Counts where nothing but success, loss and its reasons is known. */
export function outcomesOf(
  attempted: number,
  ok: number,
  reasons: Readonly<Record<string, number>>,
): CellResult['samples'] {
  const failed = Math.max(0, attempted - ok);
  return { attempted, ok, failed, excluded: 0, tainted: 0, warmup: 0, reasons: { ...reasons } };
}

/**
 * Whether an error is only the echo of a run that is being stopped: a client sees its broker die a moment before the
 * runner is told that the process ended.
 */
export async function isStopping(stop: AbortSignal): Promise<boolean> {
  await sleep(200);
  return stop.aborted;
}
