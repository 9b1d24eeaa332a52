import type { RunData } from './run-data.ts';

/** What a reader should know before trusting the verdicts, in sentences. */
export function notesOf(baseline: RunData, candidate: RunData): string[] {
  return [
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
