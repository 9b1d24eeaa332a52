import type { Watched } from '../process/child.ts';
import type { LoopWatch } from '../process/loop-watch.ts';
import type { Results } from '../results/schema.ts';
import type { Evidence } from './evidence.ts';

export type ProcessUsage = Results['processes'][number];

/** Asks every process what it used, and notes when its event loop stalled. A process that died has nothing to say. */
export async function readUsage(
  children: readonly Watched[],
  own: LoopWatch,
  evidence: Evidence,
): Promise<ProcessUsage[]> {
  const answers = await Promise.allSettled(children.map((child) => child.usage()));
  const processes = answers.flatMap((answer, index): ProcessUsage[] => {
    const name = children[index]?.name;
    if (answer.status === 'rejected' || name === undefined) return [];
    const { stalls, ...usage } = answer.value;
    evidence.stalls.set(name, stalls);
    return [{ role: name, ...usage, stalls: stalls.length }];
  });
  const { user, system } = process.cpuUsage();
  const { loopDelayP99Ms, stalls } = own.read();
  return [
    ...processes,
    {
      // No stamp is made in the runner, so its stalls taint nothing.
      role: 'runner',
      cpuSeconds: (user + system) / 1e6,
      maxRssBytes: process.resourceUsage().maxRSS * 1024,
      loopDelayP99Ms,
      stalls: stalls.length,
    },
  ];
}
