import type { CellResult } from '../results/schema.ts';

/** Of the attempts that were good, the share that nothing disturbed. */
export function goodShare({ samples }: Pick<CellResult, 'samples'>): number {
  return samples.ok === 0 ? 1 : (samples.ok - samples.tainted) / samples.ok;
}
