/** What a segment carries on a path with an MTU of 1500 bytes, with timestamps (RFC 7323). */
export const SEGMENT_BYTES = 1448;
/** IP, TCP and timestamps: what every segment has beside its payload, and all that a pure acknowledgement has. */
export const HEADER_BYTES = 52;
/** SYN and SYN-ACK: the headers with MSS, SACK permitted, timestamps and window scale. */
const SYN_BYTES = 60;
/** SYN and SYN-ACK carry no data: what a link sees of flights begins after them. */
export const TCP_FLIGHTS = 2;

/** A flight: who sends it, and how many bytes it is; undefined where nobody saw them. */
export interface SizedFlight {
  from: 'client' | 'broker';
  bytes: number | undefined;
}

/** A link's rates in kbit/s, which is bits a millisecond: `up` from client to broker. Absent: as fast as the machine. */
export interface LinkRates {
  rateUpKbit?: number | undefined;
  rateDownKbit?: number | undefined;
}

/** Milliseconds that so many bytes on the wire, headers included, take at the rate of their direction; 0 without a rate. */
export function atRateMs(bytes: number, from: SizedFlight['from'], rates: LinkRates): number {
  const kbit = from === 'client' ? rates.rateUpKbit : rates.rateDownKbit;
  return kbit === undefined || kbit === 0 ? 0 : (bytes * 8) / kbit;
}

/**
 * Milliseconds that a connection's first flights take at the link's rates: a flight counts when its last byte is
 * through. `flights` are in order from the SYN. Undefined where the link has no rate, or where nobody saw a flight's
 * bytes. What is not in it stays in the residual: acknowledgements that stand in the way of the answer to what they
 * acknowledge, 4 ms each at 100 kbit/s, and whether a stack sends one by itself depends on its state (none to three
 * until PUBLISH, over the TUN line and the proxy); separate writes, 52 bytes of headers each; segments sent again; and
 * other connections of the same link, which share its rate.
 */
export function serializationMs(flights: readonly SizedFlight[], rates: LinkRates): number | undefined {
  if (rates.rateUpKbit === undefined && rates.rateDownKbit === undefined) return undefined;
  let total = 0;
  for (const [index, { from, bytes }] of flights.entries()) {
    if (index >= TCP_FLIGHTS && bytes === undefined) return undefined;
    total += atRateMs(wireBytes(index, bytes ?? 0), from, rates);
  }
  return total;
}

function wireBytes(index: number, payload: number): number {
  if (index < TCP_FLIGHTS) return SYN_BYTES;
  // A FIN alone is a segment too.
  const segments = Math.max(1, Math.ceil(payload / SEGMENT_BYTES));
  // The acknowledgement of the SYN-ACK leaves by itself, before the client has anything to say.
  const acknowledgement = index === TCP_FLIGHTS ? HEADER_BYTES : 0;
  return payload + segments * HEADER_BYTES + acknowledgement;
}
