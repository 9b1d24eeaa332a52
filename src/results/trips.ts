import { FIRST_DATA, MILESTONE_NAMES, MILESTONES, type Milestone } from '../measure/milestones.ts';
import { hopTripsTo, type PathTheory } from '../model/hops.ts';
import {
  inferredTrips,
  meanDelayMs,
  predict,
  tripsMs,
  type LinkTimes,
  type OneWayDelays,
  type Prediction,
} from '../model/predict.ts';
import type { SizedFlight } from '../model/serialization.ts';
import { tripsTo, type Theory } from '../model/theory.ts';
import type { CellResult, LinkResult, Trips } from './schema.ts';

/**
 * Milestones that are judged, and so have intervals and are compared: CONNACK is where a broker's own stalls show, and
 * costs go that first data does not see; a client that is to be refused has neither. A sensor that sleeps again has its time
 * awake by the last one. All others would only make more comparisons to correct for.
 */
export const JUDGED = [
  FIRST_DATA,
  'refused',
  'connackReceived',
  'disconnected',
] as const satisfies Milestone[];

/** What a cell's medians are held against. */
export interface TripsContext {
  theory: Theory;
  link: LinkTimes;
  /** What was seen of the flights from the SYN on: a large one waits for the congestion window, and all take time at a rate. */
  flights: readonly SizedFlight[];
  /** Whether the link, and the one behind a hop, do nothing but delay: then what remains of a median, less compute, is trips. */
  pureDelay: boolean;
  /** How much later a milestone is for access management in theory; absent: nothing waits for any. */
  accessMs?: (milestone: Milestone) => number;
  /** The same cell over a null link of the same run. */
  overNull: { milestones: CellResult['milestones']; link: OneWayDelays } | undefined;
  /** The way behind a hop; absent without one. */
  hop?: HopContext | undefined;
}

/** How a cell's flights cross a hop, and what is behind it. */
export interface HopContext {
  path: PathTheory;
  /** The link from the hop to the broker; its rate is in no prediction, since nobody counts its bytes by flight. */
  inner: OneWayDelays;
  /** A cell that differs in nothing but the delay of that link. */
  overOther: { milestones: CellResult['milestones']; inner: OneWayDelays } | undefined;
}

/** Predicted, inferred and residual for each milestone that was measured. */
export function tripsOf(milestones: CellResult['milestones'], context: TripsContext): CellResult['trips'] {
  const entries = MILESTONE_NAMES.flatMap((name): [Milestone, Trips][] => {
    const medianMs = milestones[name]?.p50Ms;
    const { link, overNull, hop } = context;
    const predicted = predictOver(context, name, link, hop?.inner);
    if (medianMs === undefined || predicted === undefined) return [];
    const { slowStartRounds: rounds, serializationMs } = predicted;
    const nullP50Ms = overNull?.milestones[name]?.p50Ms;
    // What access management adds is in the twins as well, and so in no difference.
    const here = { medianMs, predictedMs: predicted.ms };
    const inferred =
      overNull &&
      inferredFrom(predicted.trips, here, [link, overNull.link], context, {
        medianMs: nullP50Ms,
        predictedMs: predictOver(context, name, overNull.link, hop?.inner)?.ms,
      });
    const innerInferred =
      hop?.overOther &&
      inferredFrom(predicted.innerTrips, here, [hop.inner, hop.overOther.inner], context, {
        medianMs: hop.overOther.milestones[name]?.p50Ms,
        predictedMs: predictOver(context, name, link, hop.overOther.inner)?.ms,
      });
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
          residualMs: medianMs - predictedMs,
          ...(nullP50Ms === undefined ? {} : { nullP50Ms }),
          ...(hop === undefined
            ? {}
            : {
                inner: {
                  predicted: predicted.innerTrips,
                  ...(innerInferred === undefined ? {} : { inferred: innerInferred }),
                },
              }),
        },
      ],
    ];
  });
  return Object.fromEntries(entries);
}

/** What theory says of a milestone over these links; undefined where the mode does not have it. */
function predictOver(
  { theory, flights, hop }: TripsContext,
  name: Milestone,
  outer: LinkTimes,
  inner: OneWayDelays = NO_DELAY,
): (Prediction & { innerTrips: number }) | undefined {
  const count = hop === undefined ? undefined : hopTripsTo(hop.path, theory, name, { outer, inner });
  const trips = count?.outer ?? (hop === undefined ? tripsTo(theory, name) : undefined);
  if (trips === undefined) return undefined;
  const predicted = predict(trips, flightsTo(name, trips, flights), outer);
  const innerTrips = count?.inner ?? 0;
  return { ...predicted, innerTrips, ms: predicted.ms + tripsMs(innerTrips, inner) };
}

const NO_DELAY: OneWayDelays = { upMs: 0, downMs: 0 };

/** Infers trips over the link that is another one in the other cell; both links of each cell must only delay. */
function inferredFrom(
  trips: number,
  here: { medianMs: number; predictedMs: number },
  [own, others]: readonly [OneWayDelays, OneWayDelays],
  { pureDelay }: TripsContext,
  { medianMs, predictedMs }: { medianMs: number | undefined; predictedMs: number | undefined },
): number | undefined {
  if (!pureDelay || medianMs === undefined || predictedMs === undefined) return undefined;
  return inferredTrips(
    trips,
    { ...here, delayMs: meanDelayMs(own) },
    { medianMs, predictedMs, delayMs: meanDelayMs(others) },
  );
}

/**
 * The flights that a milestone waits for. A message to a subscriber is no flight of this connection: it is taken to
 * have the bytes of the flight that brought it to the broker. What ends a connection may carry nothing, and is a segment.
 */
function flightsTo(name: Milestone, trips: number, flights: readonly SizedFlight[]): SizedFlight[] {
  const before = flights.slice(0, trips);
  if (name === 'disconnected' && flights.length >= trips - ENDING_FLIGHTS)
    return Array.from({ length: trips }, (_, index): SizedFlight => {
      const from = index % 2 === 0 ? 'client' : 'broker';
      return { from, bytes: before[index]?.bytes ?? (index >= trips - ENDING_FLIGHTS ? 0 : undefined) };
    });
  const publish = flights[trips - 2];
  if (name !== 'delivered' || publish === undefined) return before;
  return [...before.slice(0, trips - 1), { from: 'broker', bytes: publish.bytes }];
}

/** DISCONNECT with the client's FIN, and the broker's. */
const ENDING_FLIGHTS = 2;

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

/** Whether the link of a cell, and the one behind a hop, were asked for nothing but delays. */
export function onlyDelays({ link, path }: CellResult, links: readonly LinkResult[]): boolean {
  const ids = [link, ...(path === undefined ? [] : [path.innerLink])];
  return ids.every((id) => pureDelayMs(links.find((each) => each.id === id)) !== undefined);
}

/**
 * What is not in the line of a cell's median over the outer link's delay, in milliseconds: trips over the link behind a
 * hop, and outer trips that other delays than `trips` would have waited for, since a hop dials while the client's data
 * is under way. 0 without a hop.
 */
export function hopMs(
  cell: CellResult,
  milestone: Milestone,
  trips: number,
  links: readonly LinkResult[],
): number {
  const found = cell.trips[milestone];
  if (cell.path === undefined || found?.inner === undefined) return 0;
  const trip = (id: string): OneWayDelays => links.find((link) => link.id === id)?.trip ?? NO_DELAY;
  const outer = trip(cell.link);
  return (
    tripsMs(found.inner.predicted, trip(cell.path.innerLink)) +
    tripsMs(found.predicted, outer) -
    tripsMs(trips, outer)
  );
}

/** Theory's trips of a line of cells: over its longest delay, since behind a hop they may be others over short ones. */
export function tripsOfLine(
  cells: readonly CellResult[],
  milestone: Milestone,
  links: readonly LinkResult[],
): number | undefined {
  const delayOf = ({ link }: CellResult): number => pureDelayMs(links.find(({ id }) => id === link)) ?? -1;
  return cells
    .filter(({ trips }) => trips[milestone] !== undefined)
    .toSorted((a, b) => delayOf(b) - delayOf(a))[0]?.trips[milestone]?.predicted;
}
