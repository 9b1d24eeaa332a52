/** One-way delays of a link in milliseconds: `up` from client to broker, `down` from broker to client. */
export interface OneWayDelays {
  upMs: number;
  downMs: number;
}

/**
 * Time of a number of one-way trips that alternate and begin with the client's: the propagation part of a latency.
 * Serialization and compute are not in it; what remains of a measurement is its residual.
 */
export function tripsMs(trips: number, link: OneWayDelays): number {
  return Math.ceil(trips / 2) * link.upMs + Math.floor(trips / 2) * link.downMs;
}

/**
 * Trips that a measurement amounts to, from the same milestone's median over the link and over a null link of the
 * same run: compute is in both and cancels out. Shape: a fractional count; undefined when the links are too alike.
 */
export function inferredTrips(
  overLink: { medianMs: number; link: OneWayDelays },
  overNull: { medianMs: number; link: OneWayDelays },
): number | undefined {
  const meanDelay = (link: OneWayDelays): number => (link.upMs + link.downMs) / 2;
  const delta = meanDelay(overLink.link) - meanDelay(overNull.link);
  // Below a millisecond of difference, noise of compute would be read as trips.
  if (Math.abs(delta) < 1) return undefined;
  return (overLink.medianMs - overNull.medianMs) / delta;
}
