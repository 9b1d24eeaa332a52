import type { CellResult } from '../results/schema.ts';
import type { Effect } from './comparison.ts';
import { missing, missingInBaseline } from './missing.ts';
import { THROUGHPUT_FLOOR_PERCENT } from './settings.ts';

/** Messages received a second under a load that is the same in both: what is sent on a schedule arrives, or it does not. */
export function throughputEffect(baseline: CellResult, candidate: CellResult): Effect[] {
  const before = baseline.throughput?.receivedPerSecond;
  const after = candidate.throughput?.receivedPerSecond;
  if (before === undefined) return after === undefined ? [] : [missingInBaseline('throughput')];
  if (after === undefined) return [missing('throughput', candidate)];
  const floor = (THROUGHPUT_FLOOR_PERCENT / 100) * before;
  const difference = after - before;
  return [
    {
      kind: 'throughput',
      what: 'received',
      unit: '/s',
      verdict: difference < -floor ? 'regressed' : difference > floor ? 'improved' : 'unchanged',
      judged: true,
      because: `${after.toFixed(1)} messages a second, in the baseline ${before.toFixed(1)}.`,
      baseline: before,
      candidate: after,
      difference,
      ...(before > 0 ? { differencePercent: (difference / before) * 100 } : {}),
      floor,
    },
  ];
}
