/** 198.18.0.0/15 is set aside for benchmarks (RFC 2544 §C.2.2): two networks of 256 pairs. */
const MOST_LINKS = 512;

/** The two ends of a link. */
export interface Ends<T> {
  client: T;
  broker: T;
}

/** The addresses of a run's link of that index. Throws a RangeError when a run has more links than there are pairs. */
export function addressesOf(index: number): Ends<string> {
  const network = networkOf(index);
  return { client: `${network}.1`, broker: `${network}.2` };
}

/** The first three bytes of the addresses of a link's network. Throws a RangeError like {@link addressesOf}. */
export function networkOf(index: number): string {
  if (index >= MOST_LINKS) throw new RangeError(`A run has at most ${MOST_LINKS} links`);
  return `198.${18 + Math.floor(index / 256)}.${index % 256}`;
}
