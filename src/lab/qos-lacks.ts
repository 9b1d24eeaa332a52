import { brokerNamed } from '../broker/index.ts';
import type { BrokerKind } from '../broker/broker.ts';
import type { LeftOut, Plan } from '../scenario/plan.ts';
import type { Workload } from '../swarm/workloads/settings/index.ts';
import { eachOnce } from './payload-lacks.ts';

/** The cells of a plan whose clients publish at QoS 2 to a broker that does not take it. */
export async function qosLacks({ cells }: Plan): Promise<(LeftOut & { reason: string })[]> {
  const own = cells.filter(({ workload }) => publishesAtQos2(workload));
  const lacks = await Promise.all(
    [...new Set(own.map(({ broker }) => broker.name))].map(
      async (name): Promise<[string, string | undefined]> => {
        const kind: BrokerKind = brokerNamed(name);
        return [name, await kind.qos2Lack?.()];
      },
    ),
  );
  const reasons = new Map(lacks);
  return eachOnce(
    own.flatMap(({ mode, broker, workloadId }) => {
      const reason = reasons.get(broker.name);
      return reason === undefined ? [] : [{ mode, broker: broker.id, workload: workloadId, reason }];
    }),
  );
}

function publishesAtQos2(workload: Workload): boolean {
  if (!('qos' in workload) || workload.qos !== 2) return false;
  return workload.kind !== 'handshake' || workload.action === 'publish';
}
