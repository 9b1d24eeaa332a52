import { ascending, median } from '../../stats/median.ts';
import type { Train } from '../probe/protocol.ts';
import { packetBytes } from '../probe/wire.ts';
import type { Direction } from '../spec.ts';
import type { Estimate } from './calibration.ts';

/** What a rate may be off by, as a share. */
const TOLERANCE = 0.03;
/** Standard deviations of jitter by which the two ends of a train may differ. */
const REFUSED = 3;

/**
 * What trains say of a direction's rate: the bytes of their packets over the time between the first and the last
 * arrival (packet dispersion; Dovrolis, Ramanathan and Moore, "Packet-dispersion techniques", IEEE/ACM ToN 2004). Of a
 * few trains the whole range is shown. Undefined where no rate was asked for, or one too high to be seen.
 */
export function judgeRate(
  way: string,
  asked: Direction,
  trains: readonly Train[],
): { rateKbit: Estimate | undefined; problems: string[] } {
  if (asked.rateKbit === undefined || trains.length === 0) return { rateKbit: undefined, problems: [] };
  // A bit a millisecond is a kilobit a second.
  const found = ascending(trains.map(({ bytes, us }) => (packetBytes(bytes) * 8) / (us / 1000)));
  const [low = 0] = found;
  const rateKbit: Estimate = { value: median(found), low, high: found.at(-1) ?? 0, count: found.length };
  const trainMs = median(trains.map(({ us }) => us / 1000));
  const chance = (REFUSED * Math.SQRT2 * asked.jitterMs) / trainMs / Math.sqrt(trains.length);
  const share = rateKbit.value / asked.rateKbit - 1;
  if (Math.abs(share) <= TOLERANCE + chance) return { rateKbit, problems: [] };
  return {
    rateKbit,
    problems: [
      `${way}: ${asked.rateKbit} kbit/s asked, ${rateKbit.value.toFixed(1)} kbit/s measured, off by ` +
        `${(100 * share).toFixed(1)} % where ${(100 * (TOLERANCE + chance)).toFixed(1)} % are allowed`,
    ],
  };
}
