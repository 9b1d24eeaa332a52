/** A wait that is longer or shorter by up to a share of it, as `random` in [0, 1) has it. */
export function jittered(ms: number, jitter: number, random: () => number): number {
  return ms * (1 + jitter * (2 * random() - 1));
}
