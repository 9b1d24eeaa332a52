import { FIRST_DATA, MILESTONE_NAMES, MILESTONES, type Milestone } from '../measure/milestones.ts';
import { inferredTrips, meanDelayMs, predict, type LinkTimes, type OneWayDelays } from '../model/predict.ts';
import type { SizedFlight } from '../model/serialization.ts';
import { tripsTo, type Theory } from '../model/theory.ts';
import type { CellResult, LinkResult, Trips } from './schema.ts';

/**
 * Milestones that are judged, and so have intervals and are compared: CONNACK is where a broker's own stalls show, and
 * costs go that first data does not see; a client that is to be refused has neither. All others would only make more
 * comparisons to correct for.
 */
export const JUDGED = [FIRST_DATA, 'refused', 'connackReceived'] as const satisfies Milestone[];

/** What a cell's medians are held against. */
export interface TripsContext {
  theory: Theory;
  link: LinkTimes;
  /** What was seen of the flights from the SYN on: a large one waits for the congestion window, and all take time at a rate. */
  flights: readonly SizedFlight[];
  /** Whether the link does nothing but delay: then what remains of a median, less compute, is trips. */
  pureDelay: boolean;
  /** How much later a milestone is for access management in theory; absent: nothing waits for any. */
  accessMs?: (milestone: Milestone) => number;
  /** The same cell over a null link of the same run. */
  overNull: { milestones: CellResult['milestones']; link: OneWayDelays } | undefined;
}

/** Predicted, inferred and residual for each milestone that was measured. */
export function tripsOf(milestones: CellResult['milestones'], context: TripsContext): CellResult['trips'] {
  const { theory, link, overNull, pureDelay } = context;
  const entries = MILESTONE_NAMES.flatMap((name): [Milestone, Trips][] => {
    const measured = milestones[name];
    const trips = tripsTo(theory, name);
    if (measured === undefined || trips === undefined) return [];
    const predicted = predict(trips, flightsTo(name, trips, context.flights), link);
    const nullP50Ms = overNull?.milestones[name]?.p50Ms;
    const inferred =
      overNull === undefined || nullP50Ms === undefined || !pureDelay
        ? undefined
        : inferredTrips(
            { medianMs: measured.p50Ms, link },
            { medianMs: nullP50Ms, link: overNull.link },
            endOf(name),
          );
    const { slowStartRounds: rounds, serializationMs } = predicted;
    const accessMs = context.accessMs?.(name) ?? 0;
    const predictedMs = predicted.ms + accessMs;
    return [
      [
        name,
        {
          predicted: predicted.trips,
          ...(rounds === 0 ? {} : { slowStartRounds: rounds }),
          ...(serializationMs === undefined ? {} : { serializationMs }),
          ...(accessMs === 0 ? {} : { accessMs }),
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
 * The flights that a milestone waits for. A message to a subscriber is no flight of this connection: it is taken to
 * have the bytes of the flight that brought it to the broker.
 */
function flightsTo(name: Milestone, trips: number, flights: readonly SizedFlight[]): SizedFlight[] {
  const before = flights.slice(0, trips);
  const publish = flights[trips - 2];
  if (name !== 'delivered' || publish === undefined) return before;
  return [...before.slice(0, trips - 1), { from: 'broker', bytes: publish.bytes }];
}

/** The end of the link that a milestone is at: a subscriber stands where the client does. */
export function endOf(milestone: Milestone): 'client' | 'broker' {
  return MILESTONES[milestone].at === 'broker' ? 'broker' : 'client';
}

/** What a link counts in predictions; nothing where results name a link that they do not describe. */
export function timesOf(link: LinkResult | undefined): LinkTimes {
  if (link === undefined) return { upMs: 0, downMs: 0 };
  const { rateUpKbit, rateDownKbit } = link.requested;
  return { upMs: link.trip.upMs, downMs: link.trip.downMs, rateUpKbit, rateDownKbit };
}

/** The mean one-way delay of a link that was asked for nothing but delays; undefined for any other. */
export function pureDelayMs(link: LinkResult | undefined): number | undefined {
  if (link === undefined) return undefined;
  const { upMs: _up, downMs: _down, ...rest } = link.requested;
  if (Object.values(rest).some((value) => value !== 0)) return undefined;
  return meanDelayMs(link.trip);
}
