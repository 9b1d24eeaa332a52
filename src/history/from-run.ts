import { handshakeBytesOf } from '../results/handshake-bytes.ts';
import type { CellResult, Distribution, Results } from '../results/schema.ts';
import { JUDGED } from '../results/trips.ts';
import { conditionsOf, environmentOf, runDigest } from './digest.ts';
import { FOLLOWED, HISTORY_VERSION, type Followed, type HistoryCell, type HistoryEntry } from './entry.ts';
import { EVENT_TIMES, eventTimeOf } from './events.ts';

/** What a history keeps of a run. */
export function entryOf(results: Results, label?: string): HistoryEntry {
  const { startedAt, tool, scenario, cells } = results;
  return {
    historyVersion: HISTORY_VERSION,
    run: runDigest(results),
    startedAt,
    ...(label === undefined ? {} : { label }),
    tool: `${tool.name} ${tool.version}`,
    scenario: scenario.name,
    environment: environmentOf(results),
    cells: cells.map((cell) => cellOf(cell, results)),
  };
}

function cellOf(cell: CellResult, results: Results): HistoryCell {
  const { id, mode, link, samples, trips } = cell;
  const bytes = handshakeBytesOf(cell);
  const events = EVENT_TIMES.flatMap((what) => {
    const distribution = eventTimeOf(cell, what);
    return distribution === undefined ? [] : [[what, timingOf(distribution)] as const];
  });
  return {
    id,
    mode,
    link,
    conditions: conditionsOf(cell, results),
    calibrated: results.links.find((one) => one.id === link)?.calibrated ?? false,
    timings: Object.fromEntries(
      FOLLOWED.flatMap((what) => {
        const distribution = followedOf(cell, what);
        return distribution === undefined ? [] : [[what, timingOf(distribution)]];
      }),
    ),
    ...(events.length === 0 ? {} : { events: Object.fromEntries(events) }),
    trips: Object.fromEntries(
      JUDGED.flatMap((what) => {
        const inferred = trips[what]?.inferred;
        return inferred === undefined ? [] : [[what, rounded(inferred)]];
      }),
    ),
    ...(bytes === undefined
      ? {}
      : { bytes: { handshakeUp: bytes.handshakeUp, handshakeDown: bytes.handshakeDown } }),
    samples: {
      attempted: samples.attempted,
      failed: samples.failed,
      excluded: samples.excluded,
      tainted: samples.tainted,
    },
  };
}

/** The distribution whose median is followed under a name. */
function followedOf(cell: CellResult, what: Followed): Distribution | undefined {
  return what === 'endToEnd' ? cell.throughput?.endToEnd : cell.milestones[what];
}

function timingOf({ p50Ms, p50LowMs, p50HighMs, count }: Distribution): {
  p50Ms: number;
  lowMs: number;
  highMs: number;
  count: number;
} {
  return { p50Ms: rounded(p50Ms), lowMs: rounded(p50LowMs), highMs: rounded(p50HighMs), count };
}

/** A microsecond is the finest that was measured. */
function rounded(value: number): number {
  return Number(value.toFixed(3));
}
