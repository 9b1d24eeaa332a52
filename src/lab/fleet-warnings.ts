import { isGeneratorBusy } from '../results/generator.ts';
import type { CellResult } from '../results/schema.ts';

/** Starts that are late in a greater part than this say more of the generator than of what it is to measure. */
const LATE_SHARE = 0.05;

/** Where it was the clients' own processes that could do no more, in sentences. */
export function fleetWarnings(cells: readonly CellResult[]): string[] {
  return cells.flatMap(({ id, storm, hold }) => {
    const fleet = storm ?? hold;
    if (fleet === undefined) return [];
    const { generator, lateStarts, clients } = fleet;
    const { cpuShare, loopDelayP99Ms = 0 } = generator;
    return [
      ...(isGeneratorBusy(generator)
        ? [
            `${id}: a client process had ${Math.round(cpuShare * 100)} % of a core, and its event loop was up to ${loopDelayP99Ms.toFixed(0)} ms late (p99): these times are the generator's own as much as the broker's. More \`workers\` help where there are cores for them.`,
          ]
        : []),
      ...(lateStarts <= LATE_SHARE * clients
        ? []
        : [
            `${id}: ${lateStarts} of ${clients} clients started more than 10 ms after their intended time; the times from the intended start count that in, those from the real start do not.`,
          ]),
      ...(storm?.listenOverflows === undefined || storm.listenOverflows === 0
        ? []
        : [
            `${id}: the broker's listen queue overflowed ${storm.listenOverflows} times, and each time a SYN was sent again a second later.`,
          ]),
    ];
  });
}
