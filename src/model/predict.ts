import { serializationMs, type LinkRates, type SizedFlight } from './serialization.ts';
import { windowWait } from './slow-start.ts';

/** One-way delays of a link in milliseconds: `up` from client to broker, `down` from broker to client. */
export interface OneWayDelays {
  upMs: number;
  downMs: number;
}

/** What a link adds to a connection: its delays, and its rates where it has any. */
export type LinkTimes = OneWayDelays & LinkRates;

/**
 * Time of a number of one-way trips that alternate and begin with the client's: the propagation part of a latency.
 * Serialization and compute are not in it.
 */
export function tripsMs(trips: number, link: OneWayDelays): number {
  return Math.ceil(trips / 2) * link.upMs + Math.floor(trips / 2) * link.downMs;
}

/** When something is there in theory, before any compute. */
export interface Prediction {
  /** One-way trips, those included that a large flight waits for the congestion window. */
  trips: number;
  /** Round trips of `trips` that are such waiting. */
  slowStartRounds: number;
  /** Bytes at the link's rate; undefined without a rate, or where nobody saw the bytes. */
  serializationMs: number | undefined;
  /** All of it in milliseconds from the client's SYN. */
  ms: number;
}

/**
 * Predicts when the last of the first `trips` flights is there: trips × one-way delays, what large flights wait for the
 * congestion window, and the bytes at the link's rate. `flights` are in order from the SYN, as far as they were seen.
 */
export function predict(trips: number, flights: readonly SizedFlight[], link: LinkTimes): Prediction {
  // Flights alternate from the client's SYN on; one that nobody saw is still one.
  const before = Array.from({ length: trips }, (_, index): SizedFlight => {
    const from = index % 2 === 0 ? 'client' : 'broker';
    return { from, bytes: flights[index]?.bytes };
  });
  // A round trip is one of each direction, whatever trips it stands between.
  const wait = windowWait(before, tripsMs(2, link), link);
  const bytesMs = serializationMs(before, link);
  return {
    trips: trips + 2 * wait.rounds,
    slowStartRounds: wait.rounds,
    serializationMs: bytesMs,
    ms: tripsMs(trips, link) + wait.ms + (bytesMs ?? 0),
  };
}

/** What of a latency that ends at the broker is not an even share of both directions: half of what `up` takes more. */
export function oddTripMs(endsAt: 'client' | 'broker', { upMs, downMs }: OneWayDelays): number {
  return endsAt === 'broker' ? (upMs - downMs) / 2 : 0;
}

/** The mean one-way delay of a link. */
export function meanDelayMs({ upMs, downMs }: OneWayDelays): number {
  return (upMs + downMs) / 2;
}

/** A milestone's median over one link, beside what theory says of it there. */
export interface HeldAgainst {
  medianMs: number;
  predictedMs: number;
  /** The mean one-way delay of the link that the two differ in. */
  delayMs: number;
}

/**
 * Trips that a measurement amounts to, from the same milestone's medians over two links of the same run: compute is in
 * both and cancels out, and so does what theory says of any other link on the way. Where there is none this is the
 * difference of the medians, less half of what the way up takes more where they are odd trips, by that of the delays.
 * `trips` are those of theory over `here`. Shape: a fractional count; undefined when the delays are too alike.
 */
export function inferredTrips(trips: number, here: HeldAgainst, there: HeldAgainst): number | undefined {
  const delta = here.delayMs - there.delayMs;
  // Below a millisecond of difference, noise of compute would be read as trips.
  if (Math.abs(delta) < 1) return undefined;
  const beyondMs = ({ medianMs, predictedMs }: HeldAgainst): number => medianMs - predictedMs;
  return trips + (beyondMs(here) - beyondMs(there)) / delta;
}
