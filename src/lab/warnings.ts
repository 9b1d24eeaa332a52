import type { CellResult } from '../results/schema.ts';
import type { Evidence } from './evidence.ts';
import { fleetWarnings } from './fleet-warnings.ts';
import { isTaint } from './taint.ts';

/** A share of disturbed samples above which a reader should be told. */
const MUCH_TAINT = 0.1;

/** What a reader should know before trusting the figures, in sentences. */
export function warningsOf(cells: readonly CellResult[], evidence: Evidence): string[] {
  const warnings: string[] = [];
  for (const { id, samples } of cells) {
    const { attempted, ok, failed, excluded, reasons } = samples;
    if (attempted > 0 && ok === 0)
      warnings.push(`${id}: not one of ${attempted} attempts was good (${list(reasons)}).`);
    else if (failed + excluded > 0) {
      warnings.push(`${id}: ${failed} failed and ${excluded} excluded of ${attempted} (${list(reasons)}).`);
    }
  }
  warnings.push(...unseenWarnings(cells), ...taintWarning(cells), ...fleetWarnings(cells));
  const refusals = Map.groupBy(evidence.refusals, ({ mode, reason }) => `${mode} (${reason})`);
  for (const [what, all] of refusals)
    warnings.push(`The broker refused ${all.length} connections of mode ${what}.`);
  for (const [reason, all] of Map.groupBy(evidence.lost, (reason) => reason)) {
    warnings.push(`${all.length} standing clients were lost: ${reason}.`);
  }
  return warnings;
}

/** Of a broker that tells nothing itself, what nobody saw pass is not in the figures. */
function unseenWarnings(cells: readonly CellResult[]): string[] {
  return cells.flatMap(({ id, brokerSide, samples, milestones }) => {
    if (brokerSide?.source !== 'wire' || milestones.refused !== undefined) return [];
    const good = samples.ok - samples.tainted;
    const seen = milestones.connectReceived?.count ?? 0;
    if (seen >= good) return [];
    return [
      seen === 0
        ? `${id}: there is no first data, nor anything else of the broker's side: the broker does not tell it, and nothing sees the wire at its end. Only the client's milestones were measured.`
        : `${id}: first data was seen of ${seen} of ${good} good attempts: the broker does not tell it, and of the others the wire did not.`,
    ];
  });
}

/** One sentence for all cells: the machine disturbs them alike. */
function taintWarning(cells: readonly CellResult[]): string[] {
  const ok = sum(cells.map(({ samples }) => samples.ok));
  const tainted = sum(cells.map(({ samples }) => samples.tainted));
  if (ok === 0 || tainted / ok <= MUCH_TAINT) return [];
  const reasons: Record<string, number> = {};
  for (const { samples } of cells) {
    for (const [reason, count] of Object.entries(samples.reasons)) {
      if (isTaint(reason)) reasons[reason] = (reasons[reason] ?? 0) + count;
    }
  }
  return [
    `The machine was busy: ${tainted} of ${ok} good samples were disturbed and left out of the figures (${list(reasons)}). A lower \`connectionsPerSecond\` has what runs at one time disturb each other less.`,
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function list(reasons: Record<string, number>): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}
