import { fixed } from '../format.ts';

export interface LogScale {
  ticks: { value: number; text: string }[];
  /** Where a rate stands from the scale's bottom, 0, to its top, 1. */
  share(perSecond: number): number;
}

/** A logarithmic scale from one round value to another that has all rates in it, with powers of ten as ticks, or finer ones where it is short. */
export function logScale(perSecond: readonly number[]): LogScale {
  const [lowest, highest] = [Math.min(...perSecond), Math.max(...perSecond)];
  const first = Math.max(
    0,
    ROUND.findLastIndex(({ value }) => value <= lowest),
  );
  const last = ROUND.findIndex(({ value }) => value >= highest);
  const within = ROUND.slice(first, Math.max(first + 1, last) + 1);
  const [from, to] = [within[0]?.value ?? 1, within.at(-1)?.value ?? 10];
  const decades = within.filter(({ isPower }) => isPower);
  return {
    ticks: (decades.length >= 2 ? decades : within).map(({ value }) => ({ value, text: short(value) })),
    share: (rate) => Math.log(rate / from) / Math.log(to / from),
  };
}

/** 1, 2 and 5 times the powers of ten, from less than any rate to more. */
const ROUND = Array.from({ length: 16 }, (_, index) => 10 ** (index - 3)).flatMap((power) =>
  [1, 2, 5].map((factor) => ({ value: factor * power, isPower: factor === 1 })),
);

/** `0.1`, `500`, `20k`, `1M`. */
function short(value: number): string {
  if (value >= 1e6) return `${fixed(value / 1e6, 0)}M`;
  if (value >= 1000) return `${fixed(value / 1000, 0)}k`;
  return fixed(value, value < 1 ? 3 : 0).replace(/(\.\d*?)0+$/, '$1');
}
