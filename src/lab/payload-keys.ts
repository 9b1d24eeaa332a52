import { createPayloadKeys } from '../payload/folder.ts';
import { methodNamed } from '../payload/index.ts';
import type { Opening } from '../payload/opening.ts';
import type { Cell, Plan } from '../scenario/plan.ts';
import { topicOf } from '../swarm/names.ts';
import type { PubsubWorkload } from '../swarm/workloads/settings/pubsub.ts';

/** How many topics of a cell have keys: one for each publisher, and one more that misled messages come to. */
export function keyedTopics({ publishers, tamper = 0 }: PubsubWorkload): number {
  return tamper > 0 ? publishers + 1 : publishers;
}

/** The topics of a cell with their publishers. */
export function topicsOf({ index }: Pick<Cell, 'index'>, workload: PubsubWorkload): Opening['topics'] {
  return Array.from({ length: keyedTopics(workload) }, (_, number) => ({
    topic: topicOf(index, number),
    senders: [number < workload.publishers ? number : 0],
  }));
}

/** Makes the keys of all protected payloads of a plan, each topic its own, in the private folder. */
export async function createPlanKeys(folder: string, { cells }: Plan): Promise<void> {
  const all = cells.flatMap((cell) => {
    const { workload } = cell;
    if (workload.kind !== 'pubsub' || workload.protection === undefined) return [];
    const { protection, publishers } = workload;
    return [{ method: protection.method, publishers, topics: topicsOf(cell, workload) }];
  });
  for (const [method, own] of Map.groupBy(all, (each) => each.method)) {
    const publishers = Math.max(...own.map((each) => each.publishers));
    await createPayloadKeys(folder, methodNamed(method), {
      topics: own.flatMap(({ topics }) => topics.map(({ topic }) => topic)),
      senders: Array.from({ length: publishers }, (_, sender) => sender),
    });
  }
}
