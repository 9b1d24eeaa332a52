import { mean, quantile } from 'simple-statistics';
import { ascending, median, medianInterval } from '../../stats/median.ts';
import { jitterCorrelation } from '../lane/jitter.ts';
import type { Direction } from '../spec.ts';
import type { DirectionMeasured, Estimate } from './calibration.ts';
import { PING, serializationMs } from './plan.ts';

/** Two-sided quantiles of the normal distribution: of an interval that is shown, and of one that refuses a run. */
const SHOWN = 1.96;
const REFUSED = 3;
/** Pareto's fourth moment, cut at 4 standard deviations, makes its deviation about so much less certain. */
const PARETO_UNCERTAINTY = 1.6;
/** Jitter ends at 4 standard deviations; what took longer than that and this was sent again, or met a stall. */
const JITTER_ENDS = 4;
const BEYOND_JITTER_MS = 10;

/** One way of a ping: when it left (microseconds of the monotonic clock), and what it took (microseconds). */
export interface OneWay {
  atUs: number;
  us: number;
}

/** Half a millisecond, and one per cent of long delays: what a link may be off by. */
export function toleranceMs(askedMs: number): number {
  return Math.max(0.5, 0.01 * askedMs);
}

/** What pings say of a direction's delay and jitter, and what is wrong with them. `floorMs` is what no link costs. */
export function judgeDelay(
  way: string,
  asked: Direction,
  pings: readonly OneWay[],
  floorMs: number,
): { measured: Pick<DirectionMeasured, 'delayMs' | 'p99Ms' | 'jitterMs'>; problems: string[] } {
  const ownMs = serializationMs(asked, PING);
  const tookMs = pings.map(({ us }) => us / 1000 - ownMs);
  const p99Ms = tookMs.length === 0 ? 0 : quantile(tookMs, 0.99);
  if (asked.jitterMs === 0) {
    const delayMs = typical(tookMs);
    return { measured: { delayMs, p99Ms }, problems: off(way, asked, delayMs, floorMs, 0) };
  }
  const latestMs = asked.delayMs + floorMs + JITTER_ENDS * asked.jitterMs + BEYOND_JITTER_MS;
  const kept = pings.filter(({ us }) => us / 1000 - ownMs <= latestMs);
  const keptMs = kept.map(({ us }) => us / 1000 - ownMs);
  const { meanError, deviationError } = errors(asked, kept);
  const centreMs = keptMs.length === 0 ? 0 : mean(keptMs);
  const delayMs = around(centreMs, SHOWN * meanError, keptMs.length);
  // Around what was asked: drifting samples vary less around their own mean.
  const squares = keptMs.map((ms) => (ms - floorMs - asked.delayMs) ** 2);
  const jitterMs = around(
    squares.length === 0 ? 0 : Math.sqrt(mean(squares)),
    SHOWN * deviationError,
    keptMs.length,
  );
  return {
    measured: { delayMs, p99Ms, jitterMs },
    problems: [
      ...off(way, asked, delayMs, floorMs, REFUSED * meanError),
      ...jitterOff(way, asked, jitterMs, REFUSED * deviationError),
    ],
  };
}

function typical(ms: readonly number[]): Estimate {
  if (ms.length === 0) return { value: 0, low: 0, high: 0, count: 0 };
  return { value: median(ms), ...medianInterval(ascending(ms)), count: ms.length };
}

function around(value: number, half: number, count: number): Estimate {
  return { value, low: value - half, high: value + half, count };
}

/**
 * Standard errors of the mean and of the standard deviation, given that jitter drifts: neighbouring pings say much the
 * same (for the sums over all pairs see Priestley, Spectral Analysis and Time Series, §5.3).
 */
function errors(
  { jitterMs, jitterDistribution }: Direction,
  pings: readonly OneWay[],
): { meanError: number; deviationError: number } {
  let sum = 0;
  let squares = 0;
  for (const { atUs } of pings) {
    for (const other of pings) {
      const correlation = jitterCorrelation(jitterMs, Math.abs(atUs - other.atUs) / 1000);
      sum += correlation;
      squares += correlation ** 2;
    }
  }
  const n = Math.max(1, pings.length);
  const uncertainty = jitterDistribution === 'pareto' ? PARETO_UNCERTAINTY : 1;
  return {
    meanError: (jitterMs * Math.sqrt(sum)) / n,
    deviationError: (uncertainty * jitterMs * Math.sqrt(squares / 2)) / n,
  };
}

function off(way: string, asked: Direction, found: Estimate, floorMs: number, chanceMs: number): string[] {
  return difference(way, asked.delayMs, found.value, floorMs, toleranceMs(asked.delayMs) + chanceMs);
}

function jitterOff(way: string, { jitterMs }: Direction, found: Estimate, chanceMs: number): string[] {
  const allowedMs = 0.5 + 0.05 * jitterMs + chanceMs;
  if (Math.abs(found.value - jitterMs) <= allowedMs) return [];
  return [
    `${way}: jitter of ${jitterMs} ms asked, a standard deviation of ${found.value.toFixed(2)} ms measured, ` +
      `where ${allowedMs.toFixed(2)} ms of difference are allowed`,
  ];
}

/** One sentence when a time is off, none when it is as asked. */
export function difference(
  what: string,
  askedMs: number,
  measuredMs: number,
  floorMs: number,
  allowedMs: number,
): string[] {
  const offMs = measuredMs - floorMs - askedMs;
  if (Math.abs(offMs) <= allowedMs) return [];
  return [
    `${what}: ${+askedMs.toFixed(2)} ms asked, ${measuredMs.toFixed(2)} ms measured over a floor of ${floorMs.toFixed(2)} ms, ` +
      `off by ${offMs.toFixed(2)} ms where ${allowedMs.toFixed(2)} ms are allowed`,
  ];
}
