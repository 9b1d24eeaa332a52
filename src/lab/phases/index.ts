import type { WorkloadKind } from '../../swarm/workloads/settings/index.ts';
import { isSingleKind, type SingleKind } from '../../swarm/workloads/settings/single.ts';
import { failover } from './failover.ts';
import { hold } from './hold.ts';
import type { FleetPhase } from './phase.ts';
import { pubsub } from './pubsub.ts';
import { storm } from './storm.ts';

/** How each workload of a fleet is run. */
const FLEET_PHASES: { [K in Exclude<WorkloadKind, SingleKind>]: FleetPhase<K> } = {
  pubsub,
  failover,
  storm,
  hold,
};

/** The phase of a kind of workload; undefined for those of single connections, whose cells are run together. */
export function fleetPhaseOf(kind: WorkloadKind): FleetPhase | undefined {
  // Each phase is given workloads of its own kind alone.
  return isSingleKind(kind) ? undefined : (FLEET_PHASES[kind] as FleetPhase);
}
