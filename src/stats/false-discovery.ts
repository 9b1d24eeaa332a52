/**
 * p-values adjusted for how many were looked at, in the order given: those that stay at or below a level are, on
 * average, false in no more than that share (Benjamini and Hochberg, "Controlling the false discovery rate", Journal of
 * the Royal Statistical Society B 57, 1995; the step-up of equation 1, as adjusted p-values).
 */
export function adjustForMany(pValues: readonly number[]): number[] {
  const descending = pValues.map((p, index) => ({ p, index })).toSorted((a, b) => b.p - a.p);
  const adjusted = pValues.map(() => 1);
  let least = 1;
  for (const [place, { p, index }] of descending.entries()) {
    least = Math.min(least, (p * pValues.length) / (pValues.length - place));
    adjusted[index] = least;
  }
  return adjusted;
}
