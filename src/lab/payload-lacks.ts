import type { BrokerChoice, BrokerKind } from '../broker/broker.ts';
import { brokerNamed } from '../broker/index.ts';
import { modeNamed } from '../modes/index.ts';
import { OWN_RUNTIME, runtimeNamed } from '../runtimes/index.ts';
import type { Cell, LeftOut, Plan } from '../scenario/plan.ts';
import type { Protection } from '../swarm/workloads/settings/protection.ts';
import type { Lab } from './assemble.ts';

type Lack = LeftOut & { reason: string };

/** The cells of a plan whose payloads a broker is to open that cannot. */
export function openingLacks(plan: Plan): Lack[] {
  const lacks = protectedCells(plan).flatMap(({ cell, protection }): Lack[] => {
    const { mode, broker, workloadId } = cell;
    const reason = protection.place === 'client-to-broker' ? openingLack(broker) : undefined;
    return reason === undefined ? [] : [{ mode, broker: broker.id, workload: workloadId, reason }];
  });
  return eachOnce(lacks);
}

function openingLack(choice: BrokerChoice): string | undefined {
  const kind: BrokerKind = brokerNamed(choice.name);
  return kind.opensPayloads === undefined
    ? `${kind.name} distributes payloads as they come: it has no way to open them`
    : kind.opensPayloads(choice);
}

/**
 * The cells of a plan whose publishers' runtime does not have what their method of protection is made of, as the lab's
 * own publishers tell. Those on the bench's own Node have all; so do the subscribers, and a broker that opens payloads.
 */
export async function methodLacks(plan: Plan, { publishers }: Pick<Lab, 'publishers'>): Promise<Lack[]> {
  const cells = protectedCells(plan);
  const lacks: Lack[] = [];
  for (const [runtime, [worker]] of publishers) {
    const own = cells.filter(({ cell }) => modeNamed(cell.mode).clientRuntime === runtime);
    if (worker === undefined || runtime === OWN_RUNTIME || own.length === 0) continue;
    const methods = [...new Set(own.map(({ protection }) => protection.method))];
    const found = await worker.call('payloadLacks', { methods });
    for (const { method, reason } of found) {
      for (const { cell, protection } of own) {
        if (protection.method !== method) continue;
        const text = `the crypto of ${runtimeNamed(runtime).title} does not have ${method}: ${reason}`;
        lacks.push({ mode: cell.mode, workload: cell.workloadId, reason: text });
      }
    }
  }
  return eachOnce(lacks);
}

function protectedCells({ cells }: Plan): { cell: Cell; protection: Protection }[] {
  return cells.flatMap((cell) => {
    const protection = cell.workload.kind === 'pubsub' ? cell.workload.protection : undefined;
    return protection === undefined ? [] : [{ cell, protection }];
  });
}

/** Cells that differ in their link or topology alone are one thing that is left out. */
export function eachOnce<T extends LeftOut>(lacks: readonly T[]): T[] {
  return [...new Map(lacks.map((lack) => [JSON.stringify(lack), lack])).values()];
}
