import { type Milestone } from '../measure/milestones.ts';

/**
 * One flight of a connection in theory: who sends it, what is in it, and which milestones its arrival makes true.
 * Flights strictly alternate, so a flight leaves after as many one-way trips as there are flights before it.
 */
export interface TheoryFlight {
  from: 'client' | 'broker';
  /** The messages, in the words of RFC 8446, RFC 5246, RFC 4279 and OASIS MQTT. */
  sends: string[];
  /** Milestones that hold once this flight has arrived. */
  arrives: Milestone[];
}

/** What theory says about a mode: its flights up to the broker's CONNACK, and where that is written. */
export interface Theory {
  flights: TheoryFlight[];
  /** Where the flights are specified, such as `RFC 8446 §2`. */
  sources: string[];
}

/** Milestones after CONNACK, in trips after it, when the client waits for CONNACK before it goes on. */
const AFTER_CONNACK: Partial<Record<Milestone, number>> = {
  subackReceived: 2,
  publishReceived: 1,
  delivered: 2,
  pubackReceived: 2,
  pubrecReceived: 2,
  pubcompReceived: 4,
};

/**
 * One-way trips from the client's SYN until a milestone, or undefined where the mode does not have it. A QoS 2 message
 * is taken to be distributed when PUBLISH arrives (OASIS MQTT 3.1.1 §4.3.3, method B, as Aedes does it).
 */
export function tripsTo(theory: Theory, milestone: Milestone): number | undefined {
  const index = theory.flights.findIndex((flight) => flight.arrives.includes(milestone));
  if (index >= 0) return index + 1;
  const connack = theory.flights.findIndex((flight) => flight.arrives.includes('connackReceived'));
  // What the broker stamps as sent leaves where CONNACK leaves.
  if (milestone === 'connackSent') return connack;
  const after = AFTER_CONNACK[milestone];
  return after === undefined ? undefined : connack + 1 + after;
}
