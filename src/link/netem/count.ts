import * as z from 'zod';
import type { DirectionTraffic } from '../traffic.ts';
import type { Direction } from '../spec.ts';

const shownSchema = z.array(
  z.looseObject({
    kind: z.string(),
    packets: z.int().nonnegative(),
    drops: z.int().nonnegative(),
    qlen: z.int().nonnegative(),
  }),
);

/**
 * What entered a direction, from the JSON of `tc -s -j qdisc show`. netem counts as `packets` what has left it, copies
 * included, and as one figure, `drops`, what its loss model and its limit dropped. The limit is made so wide that where
 * a loss was asked for, all of them are put down to it. Throws an Error when there is no netem in the text.
 */
export function countOf(shown: string, way: Direction): DirectionTraffic {
  const netem = shownSchema.parse(JSON.parse(shown)).find(({ kind }) => kind === 'netem');
  if (netem === undefined) throw new Error(`tc shows no netem: ${shown}`);
  const { packets, drops, qlen } = netem;
  const isLossy = way.loss > 0 || way.burstLoss !== undefined;
  return {
    packets: packets + qlen + drops,
    lost: isLossy ? drops : 0,
    overflowed: isLossy ? 0 : drops,
  };
}
