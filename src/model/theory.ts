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

/** Milestones after PUBLISH has arrived, in trips after that. */
const AFTER_PUBLISH: Partial<Record<Milestone, number>> = {
  publishReceived: 0,
  delivered: 1,
  pubackReceived: 1,
  pubrecReceived: 1,
  pubcompReceived: 3,
};

/**
 * One-way trips from the client's SYN until a milestone, or undefined where the mode does not have it. PUBLISH leaves
 * when CONNACK has come, unless it is in a flight of its own. A QoS 2 message is taken to be distributed when PUBLISH
 * arrives (OASIS MQTT 3.1.1 §4.3.3, method B, as Aedes does it).
 */
export function tripsTo(theory: Theory, milestone: Milestone): number | undefined {
  const arrival = (name: Milestone): number | undefined => {
    const index = theory.flights.findIndex((flight) => flight.arrives.includes(name));
    return index < 0 ? undefined : index + 1;
  };
  const connack = arrival('connackReceived');
  // What the broker stamps as sent leaves where CONNACK leaves.
  if (milestone === 'connackSent') {
    // Also where it refuses, and the client never holds one that lets it in.
    const before = theory.flights.findIndex(({ sends }) => sends.includes('CONNACK'));
    return before < 0 ? undefined : before;
  }
  if (milestone === 'subackReceived') return connack === undefined ? undefined : connack + 2;
  const after = AFTER_PUBLISH[milestone];
  if (after === undefined) return arrival(milestone);
  const publish = arrival('publishReceived') ?? (connack === undefined ? undefined : connack + 1);
  return publish === undefined ? undefined : publish + after;
}
