import { meanLoss } from '../lane/loss.ts';
import type { Direction } from '../spec.ts';
import type { DirectionTraffic } from '../traffic.ts';
import type { Estimate } from './calibration.ts';

const SHOWN = 1.96;
const REFUSED = 3;

/**
 * The share of packets that a direction lost, and whether chance explains what it differs by from what was asked.
 * Undefined where nobody counted packets, or no loss was asked for and none was seen.
 */
export function judgeLoss(
  way: string,
  asked: Direction,
  traffic: DirectionTraffic | undefined,
): { loss: Estimate | undefined; problems: string[] } {
  const share = meanLoss(asked);
  if (traffic === undefined || traffic.packets === 0 || (share === 0 && traffic.lost === 0)) {
    return { loss: undefined, problems: [] };
  }
  const { packets, lost } = traffic;
  // Losses in bursts say less than losses one by one.
  const independent = packets / clustering(asked);
  const seen = lost / packets;
  const loss: Estimate = { value: seen, ...wilson(seen, independent, SHOWN), count: packets };
  const { low, high } = wilson(seen, independent, REFUSED);
  if (share >= low && share <= high) return { loss, problems: [] };
  const percent = (part: number): string => `${+(100 * part).toPrecision(3)} %`;
  return {
    loss,
    problems: [
      `${way}: a loss of ${percent(share)} asked, ${lost} of ${packets} packets lost, which is between ` +
        `${percent(low)} and ${percent(high)} in the long run`,
    ],
  };
}

/** The score interval of a share (Wilson, "Probable inference", JASA 22, 1927). */
export function wilson(share: number, count: number, z: number): { low: number; high: number } {
  const centre = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half = (z * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2)) / (1 + z ** 2 / count);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** How many packets of a burst say as much as one: the two-state chain forgets itself by 1 − p − r a packet. */
function clustering({ burstLoss }: Direction): number {
  if (burstLoss === undefined) return 1;
  const kept = 1 - burstLoss.p - burstLoss.r;
  return Math.max(1, (1 + kept) / (1 - kept));
}
