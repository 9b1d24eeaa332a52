import { FEWEST_RUNS, type Learned } from '../history/learned.ts';
import type { RunData } from './run-data.ts';
import type { CompareSettings } from './settings.ts';

/** What a reader should know before trusting the verdicts, in sentences. */
export function notesOf(baseline: RunData, candidate: RunData): string[] {
  const { sha256 } = baseline.results;
  return [
    ...(sha256 !== undefined && sha256 === candidate.results.sha256
      ? ['Baseline and candidate are one and the same run.']
      : []),
    ...(['baseline', 'candidate'] as const).flatMap((name) => {
      const { results, rounds } = name === 'baseline' ? baseline : candidate;
      return [
        ...(results.complete
          ? []
          : [`The ${name} did not finish: ${results.incompleteBecause ?? 'for an unknown reason'}`]),
        ...(rounds !== undefined
          ? []
          : [
              `The ${name} has no rounds.ndjson, so its histograms are compared, as if no round were like the one before: intervals may be too narrow.`,
            ]),
        ...results.links
          .filter(({ calibrated }) => !calibrated)
          .map(({ id }) => `The link ${id} of the ${name} was not what was asked for.`),
      ];
    }),
    ...candidate.results.unsupported
      .filter(({ mode }) => !baseline.results.unsupported.some((known) => known.mode === mode))
      .map(({ mode, reason }) => `The candidate's TLS stack does not have ${mode}: ${reason}`),
  ];
}

/** What is judged, and where floors come from, where that is not the plain case. */
export function settingNotes(
  cells: readonly string[],
  { only }: CompareSettings,
  history: { file: string; learned: Learned } | undefined,
): string[] {
  return [
    ...(only === undefined ? [] : [`Only ${only.join(', ')} are judged; what else differs is told.`]),
    ...(history === undefined ? [] : [historyNote(cells, history.file, history.learned)]),
  ];
}

function historyNote(cells: readonly string[], file: string, learned: Learned): string {
  const runs = cells.map((id) => learned.runsOf(id));
  const enough = runs.filter((count) => count >= FEWEST_RUNS);
  const most = Math.max(0, ...runs);
  if (enough.length === 0) {
    return `${file} has ${most} runs like these (same machine, same scenario, link as asked for), fewer than ${FEWEST_RUNS}: the general floors hold.`;
  }
  const rest = runs.length - enough.length;
  const others = rest === 0 ? '' : `; ${rest} have fewer than ${FEWEST_RUNS} there, and the general floors`;
  return `The floors of ${enough.length} of ${runs.length} cells are learned from ${most} runs in ${file}${others}.`;
}
