import type { Direction } from '../spec.ts';

/** What may wait for the rate limiter: packets, as in the TUN delay line. */
const QUEUE_PACKETS = 1000;
/** The smallest IP packet of TCP, a bare acknowledgement. */
const SMALLEST_PACKET_BITS = 8 * 40;
/** A bound for a link without a rate: more than one machine makes of small packets. */
const MOST_PACKETS_PER_SECOND = 1_000_000;
/** netem's tables of distributions are 16-bit numbers in steps of 1/8192: they end at 4 standard deviations. */
const LARGEST_DEVIATION = 4;
/** netem takes jitter and reordering only together with a delay; a microsecond is none. */
const LEAST_DELAY_MS = 0.001;
/** netem's lengths are Ethernet frames. A link carries IP packets; the headers of veth are nobody's bytes. */
const ETHERNET_HEADER_BYTES = 14;

/**
 * What jitter has to be told netem to have the asked standard deviation. Without a table netem draws evenly between
 * −J and +J, whose standard deviation is J/√3. Its table of Pareto numbers ends at 4, which leaves it one of 0.82 (and
 * a mean of −0.03 deviations); its normal table has 1.00.
 */
const JITTER_SCALE = { normal: 1, uniform: Math.sqrt(3), pareto: 1 / 0.82 } as const;

/**
 * One direction of a link as the arguments of `tc qdisc add … netem` (tc-netem(8)).
 *
 * Without a rate jitter is drawn for each packet by itself and netem sends in the order of the drawn times: packets
 * overtake each other wherever they follow each other more closely than the jitter is wide. At a rate netem keeps
 * packets in order, and with jitter everybody would wait for the slowest: see `cannot` of the backend.
 *
 * `gemodel p r 1-h 1-k`: 1-h is what is lost in the bad state, 1-k in the good one. `seed` needs tc and kernel 6.6.
 */
export function netemOptions(way: Direction, seed?: number): string[] {
  return [
    'limit',
    String(limitPackets(way)),
    ...delay(way),
    ...loss(way),
    ...(way.duplicate ? ['duplicate', percent(way.duplicate)] : []),
    ...(way.reorder ? ['reorder', percent(way.reorder)] : []),
    // Never `kbps`, which in tc is kilobytes.
    ...(way.rateKbit === undefined
      ? []
      : ['rate', `${plain(way.rateKbit)}kbit`, String(-ETHERNET_HEADER_BYTES)]),
    ...(seed === undefined || !isRandom(way) ? [] : ['seed', String(seed)]),
  ];
}

/** Whether anything of a direction follows from a seed. */
function isRandom({ jitterMs, loss, burstLoss, reorder = 0, duplicate = 0 }: Direction): boolean {
  return jitterMs + loss + reorder + duplicate > 0 || burstLoss !== undefined;
}

/**
 * How many packets netem may hold: those that are under way at once, and a queue for the rate limiter. Its default of
 * 1000 counts both, and drops without a word what a long link has under way beyond.
 */
export function limitPackets({
  delayMs,
  jitterMs,
  jitterDistribution = 'normal',
  rateKbit,
}: Direction): number {
  const longestMs = delayMs + LARGEST_DEVIATION * JITTER_SCALE[jitterDistribution] * jitterMs;
  const perSecond =
    rateKbit === undefined
      ? MOST_PACKETS_PER_SECOND
      : Math.min(MOST_PACKETS_PER_SECOND, (rateKbit * 1000) / SMALLEST_PACKET_BITS);
  return QUEUE_PACKETS + Math.ceil((perSecond * longestMs) / 1000);
}

function delay({ delayMs, jitterMs, jitterDistribution = 'normal', reorder = 0 }: Direction): string[] {
  if (delayMs + jitterMs + reorder === 0) return [];
  const needsDelay = jitterMs + reorder > 0;
  const base = ['delay', milliseconds(needsDelay ? Math.max(delayMs, LEAST_DELAY_MS) : delayMs)];
  if (jitterMs === 0) return base;
  return [
    ...base,
    milliseconds(jitterMs * JITTER_SCALE[jitterDistribution]),
    ...(jitterDistribution === 'uniform' ? [] : ['distribution', jitterDistribution]),
  ];
}

function loss({ loss, burstLoss }: Direction): string[] {
  if (burstLoss !== undefined) {
    const { p, r, lossBad, lossGood } = burstLoss;
    return ['loss', 'gemodel', percent(p), percent(r), percent(lossBad), percent(lossGood)];
  }
  return loss === 0 ? [] : ['loss', 'random', percent(loss)];
}

function milliseconds(ms: number): string {
  return `${plain(ms)}ms`;
}

function percent(share: number): string {
  return `${plain(share * 100)}%`;
}

/** Without the noise of binary fractions and without an exponent. */
function plain(value: number): string {
  return String(Number(value.toFixed(6)));
}
