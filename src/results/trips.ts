import { linearRegression, linearRegressionLine, rSquared } from 'simple-statistics';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import { inferredTrips, tripsMs, type OneWayDelays } from '../model/predict.ts';
import { slowStartRounds, type SizedFlight } from '../model/slow-start.ts';
import { tripsTo, type Theory } from '../model/theory.ts';
import type { CellResult, LinkResult, Results, Trips } from './schema.ts';

/** What a cell's medians are held against. */
export interface TripsContext {
  theory: Theory;
  link: OneWayDelays;
  /** What was seen of the theory's flights, in their order; a large one waits for the congestion window. */
  flights: readonly SizedFlight[];
  /** Whether the link does nothing but delay: then what remains of a median, less compute, is trips. */
  pureDelay: boolean;
  /** The same cell over a null link of the same run. */
  overNull: { milestones: CellResult['milestones']; link: OneWayDelays } | undefined;
}

/** Predicted, inferred and residual for each milestone that was measured. */
export function tripsOf(milestones: CellResult['milestones'], context: TripsContext): CellResult['trips'] {
  const entries = MILESTONE_NAMES.flatMap((name): [Milestone, Trips][] => {
    const measured = milestones[name];
    const handshake = tripsTo(context.theory, name);
    if (measured === undefined || handshake === undefined) return [];
    const rounds = slowStartRounds(context.flights.slice(0, handshake));
    const predicted = handshake + 2 * rounds;
    // A round trip is one of each direction, whatever trips it stands between.
    const predictedMs = tripsMs(handshake, context.link) + rounds * tripsMs(2, context.link);
    const nullP50Ms = context.overNull?.milestones[name]?.p50Ms;
    const inferred =
      context.overNull === undefined || nullP50Ms === undefined || !context.pureDelay
        ? undefined
        : inferredTrips(
            { medianMs: measured.p50Ms, link: context.link },
            { medianMs: nullP50Ms, link: context.overNull.link },
          );
    return [
      [
        name,
        {
          predicted,
          ...(rounds === 0 ? {} : { slowStartRounds: rounds }),
          predictedMs,
          ...(inferred === undefined ? {} : { inferred }),
          residualMs: measured.p50Ms - predictedMs,
          ...(nullP50Ms === undefined ? {} : { nullP50Ms }),
        },
      ],
    ];
  });
  return Object.fromEntries(entries);
}

/**
 * Regresses each milestone's median on the link's mean measured one-way delay (ordinary least squares): the slope is
 * the trip count, the intercept is compute. Only cells that differ in nothing but the link share a line, and only over
 * links that differ in nothing but their delay: loss, jitter and a rate add time that is no trip.
 */
export function slopesOf(cells: readonly CellResult[], links: readonly LinkResult[]): Results['slopes'] {
  const lines = Map.groupBy(cells, ({ mode, broker, topology, workload }) =>
    [mode, broker, topology, workload].join('/'),
  );
  return [...lines.values()].flatMap((line) => {
    const [first] = line;
    if (first === undefined) return [];
    return MILESTONE_NAMES.flatMap((milestone) => {
      const points = line.flatMap((cell): [number, number][] => {
        const p50Ms = cell.milestones[milestone]?.p50Ms;
        const delayMs = pureDelayMs(links.find(({ id }) => id === cell.link));
        return p50Ms === undefined || delayMs === undefined ? [] : [[delayMs, p50Ms]];
      });
      const predicted = line.flatMap((cell) => cell.trips[milestone]?.predicted ?? [])[0];
      const delays = points.map(([delay]) => delay);
      if (predicted === undefined || Math.max(...delays) - Math.min(...delays) < 1) return [];
      const fit = linearRegression(points);
      return [
        {
          mode: first.mode,
          broker: first.broker,
          topology: first.topology,
          milestone,
          predicted,
          trips: fit.m,
          interceptMs: fit.b,
          r2: rSquared(points, linearRegressionLine(fit)),
          delays: points.length,
        },
      ];
    });
  });
}

/** The mean one-way delay of a link that was asked for nothing but delays; undefined for any other. */
export function pureDelayMs(link: LinkResult | undefined): number | undefined {
  if (link === undefined) return undefined;
  const { upMs: _up, downMs: _down, ...rest } = link.requested;
  if (Object.values(rest).some((value) => value !== 0)) return undefined;
  return (link.trip.upMs + link.trip.downMs) / 2;
}
