import { environmentOf } from '../../src/history/digest.ts';
import type { HistoryEntry } from '../../src/history/entry.ts';
import { entryOf } from '../../src/history/from-run.ts';
import type { Results } from '../../src/results/schema.ts';

/** The day of the first run. */
const FIRST = Date.parse('2026-03-01T08:00:00.000Z');

/** A history of a run, as if it had been measured each day again with so much added to every median. */
export function historyOf(results: Results, extraMs: readonly number[]): HistoryEntry[] {
  return extraMs.map((extra, day) => {
    const startedAt = new Date(FIRST + day * 86_400_000).toISOString();
    const entry = entryOf({ ...results, startedAt });
    for (const { timings, events = {} } of entry.cells) {
      for (const timing of [...Object.values(timings), ...Object.values(events)]) {
        timing.p50Ms += extra;
        timing.lowMs += extra;
        timing.highMs += extra;
      }
    }
    return entry;
  });
}

/** The same entry of another machine. */
export function elsewhere(entry: HistoryEntry, results: Results): HistoryEntry {
  const environment = environmentOf({ ...results, environment: { ...results.environment, cores: 64 } });
  return { ...entry, environment };
}
