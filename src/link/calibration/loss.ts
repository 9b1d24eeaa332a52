import { wilson } from '../../stats/proportions.ts';
import { meanLoss } from '../lane/loss.ts';
import type { Direction } from '../spec.ts';
import type { DirectionTraffic } from '../traffic.ts';
import type { Estimate } from './calibration.ts';

/** Standard errors by which what was counted may be off what was asked. */
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
  const found = { part: seen * independent, whole: independent };
  const loss: Estimate = { value: seen, ...wilson(found), count: packets };
  const { low, high } = wilson(found, REFUSED);
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

/** How many packets of a burst say as much as one: the two-state chain forgets itself by 1 − p − r a packet. */
function clustering({ burstLoss }: Direction): number {
  if (burstLoss === undefined) return 1;
  const kept = 1 - burstLoss.p - burstLoss.r;
  return Math.max(1, (1 + kept) / (1 - kept));
}
