import type { BrokerChoice } from '../broker/broker.ts';
import { brokerNamed } from '../broker/index.ts';
import { usageError } from '../errors.ts';
import type { Wants } from '../link/backends.ts';
import { isNullLink } from '../link/spec.ts';
import { modeNamed } from '../modes/index.ts';
import { isSinglePhase, type Plan } from '../scenario/plan.ts';
import { isSingleWorkload } from '../swarm/workloads/settings/single.ts';
import { DIRECT } from '../topology/direct.ts';
import { topologyNamed } from '../topology/index.ts';
import { needsTap } from './broker-side.ts';
import { fleetPhaseOf } from './phases/index.ts';

/** What the brokers and topologies of a plan ask of a backend. */
export function wantsOf(plan: Plan): Wants {
  return {
    elsewhere: plan.cells.some(({ broker }) => isElsewhere(broker)),
    // Of fleets it is the clients who tell.
    tap: needsTap({ cells: plan.cells.filter(({ workload }) => isSingleWorkload(workload)) }),
    abilities: [...new Set(plan.cells.flatMap(({ topology }) => topologyNamed(topology.name).needs ?? []))],
    idle: plan.cells.every(
      ({ workload, link, topology }) =>
        (workload.kind === 'storm' || workload.kind === 'hold') &&
        isNullLink(link) &&
        topology.name === DIRECT.name,
    ),
  };
}

/** Whether a broker is not one that the bench starts. */
export function isElsewhere({ name }: Pick<BrokerChoice, 'name'>): boolean {
  return brokerNamed(name).elsewhere === true;
}

/**
 * Looks at the brokers of all plans before anything is made or started. Throws a usage error (exit code 2) for a broker
 * elsewhere that nobody has said load may be sent to, and what the brokers' kinds have against their settings.
 */
export async function checkBrokers(
  plans: readonly Plan[],
  { targetIsMine = false }: { targetIsMine?: boolean | undefined },
): Promise<void> {
  for (const plan of plans) {
    for (const choice of new Set(plan.cells.map(({ broker }) => broker))) {
      if (isElsewhere(choice) && !targetIsMine) {
        throw usageError(
          `The broker ${choice.id} is not one that the bench starts, and would be sent ${loadOf(plan, choice)}`,
          'Give --target-is-mine when it is yours, or who runs it has agreed to that.',
        );
      }
      await brokerNamed(choice.name).check?.(choice);
    }
  }
}

/** What a broker is sent at most, in words. */
function loadOf({ phases }: Plan, choice: BrokerChoice): string {
  const parts = phases.flatMap((phase): string[] => {
    const own = phase.cells.filter(
      ({ broker, mode }) =>
        broker === choice && brokerNamed(broker.name).cannot(modeNamed(mode), choice) === undefined,
    );
    if (own.length === 0) return [];
    if (isSinglePhase(phase)) {
      const indices = new Set(own.map(({ index }) => index));
      const count = phase.arrivals.filter(({ cell }) => indices.has(cell)).length;
      return [`${count} connections at ${phase.workload.connectionsPerSecond} a second in all`];
    }
    return own.flatMap(({ workload }) => fleetPhaseOf(workload.kind)?.load(workload) ?? []);
  });
  return parts.length === 0 ? 'connections' : `${parts.join(', and ')}, after a few to try each mode`;
}
