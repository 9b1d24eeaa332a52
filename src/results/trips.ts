import { linearRegression, linearRegressionLine, rSquared } from 'simple-statistics';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import { inferredTrips, tripsMs, type OneWayDelays } from '../model/predict.ts';
import { tripsTo, type Theory } from '../model/theory.ts';
import type { CellResult, Results, Trips } from './schema.ts';

/** What a cell's medians are held against. */
export interface TripsContext {
  theory: Theory;
  link: OneWayDelays;
  /** The same cell over a null link of the same run. */
  overNull: { milestones: CellResult['milestones']; link: OneWayDelays } | undefined;
}

/** Predicted, inferred and residual for each milestone that was measured. */
export function tripsOf(milestones: CellResult['milestones'], context: TripsContext): CellResult['trips'] {
  const entries = MILESTONE_NAMES.flatMap((name): [Milestone, Trips][] => {
    const measured = milestones[name];
    const predicted = tripsTo(context.theory, name);
    if (measured === undefined || predicted === undefined) return [];
    const predictedMs = tripsMs(predicted, context.link);
    const nullP50Ms = context.overNull?.milestones[name]?.p50Ms;
    const inferred =
      context.overNull === undefined || nullP50Ms === undefined
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
 * the trip count, the intercept is compute. Only cells that differ in nothing but the link share a line.
 */
export function slopesOf(
  cells: readonly CellResult[],
  delayMsOf: (link: string) => number,
): Results['slopes'] {
  const lines = Map.groupBy(cells, ({ mode, broker, topology, workload }) =>
    [mode, broker, topology, workload].join('/'),
  );
  return [...lines.values()].flatMap((line) => {
    const [first] = line;
    if (first === undefined) return [];
    return MILESTONE_NAMES.flatMap((milestone) => {
      const points = line.flatMap((cell): [number, number][] => {
        const p50Ms = cell.milestones[milestone]?.p50Ms;
        return p50Ms === undefined ? [] : [[delayMsOf(cell.link), p50Ms]];
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
