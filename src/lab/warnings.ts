import type { CellResult } from '../results/schema.ts';
import type { Evidence } from './evidence.ts';

/** A share of disturbed samples above which a reader should be told. */
const MUCH_TAINT = 0.1;

/** What a reader should know before trusting the figures, in sentences. */
export function warningsOf(cells: readonly CellResult[], evidence: Evidence): string[] {
  const warnings: string[] = [];
  for (const { id, samples } of cells) {
    const { attempted, ok, failed, excluded, tainted, reasons } = samples;
    if (attempted > 0 && ok === 0)
      warnings.push(`${id}: not one of ${attempted} attempts was good (${list(reasons)}).`);
    else if (failed + excluded > 0) {
      warnings.push(`${id}: ${failed} failed and ${excluded} excluded of ${attempted} (${list(reasons)}).`);
    }
    if (ok > 0 && tainted / ok > MUCH_TAINT) {
      warnings.push(
        `${id}: ${tainted} of ${ok} good samples were disturbed by the machine and left out (${list(reasons)}).`,
      );
    }
  }
  const refusals = Map.groupBy(evidence.refusals, ({ mode, reason }) => `${mode} (${reason})`);
  for (const [what, all] of refusals)
    warnings.push(`The broker refused ${all.length} connections of mode ${what}.`);
  for (const [reason, all] of Map.groupBy(evidence.lost, (reason) => reason)) {
    warnings.push(`${all.length} standing clients were lost: ${reason}.`);
  }
  return warnings;
}

function list(reasons: Record<string, number>): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}
