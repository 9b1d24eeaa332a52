import type { CellResult } from '../results/schema.ts';

/** A single thread that is busy for so much of its time is a queue, and no other figure is worth more than it. */
const BUSY_SHARE = 0.85;
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
      ...(cpuShare < BUSY_SHARE
        ? []
        : [
            `${id}: the clients' own process was busy for ${Math.round(cpuShare * 100)} % of a core, and its event loop up to ${loopDelayP99Ms.toFixed(0)} ms late (p99): these times are its own as much as the broker's. More \`workers\` help where there are cores for them.`,
          ]),
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
