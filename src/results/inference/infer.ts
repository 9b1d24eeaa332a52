import type { Milestone } from '../../measure/milestones.ts';
import type { Sample } from '../../measure/sample.ts';
import { tripsTo } from '../../model/theory.ts';
import { modeNamed } from '../../modes/index.ts';
import type { RoundBootstrap } from '../../stats/bootstrap.ts';
import { isSingle } from '../cell.ts';
import type { CellResult, LinkResult } from '../schema.ts';
import { fitLine, linesOf, pointOf, type LinePoint } from '../slopes.ts';
import { hopMs, JUDGED, onlyDelays, tripsOfLine } from '../trips.ts';
import { judge } from './judge.ts';
import { completed, type Line, type LineCell } from './line.ts';
import { REASONS } from './reasons/index.ts';
import type { Estimate, Inference, Verdict } from './schema.ts';

/** What was attempted in a cell, warm-up left out, and the resamples of the run's rounds. */
export interface InferenceSamples {
  attemptsOf: (cell: CellResult) => readonly Sample[];
  bootstrap: RoundBootstrap;
}

/**
 * Says of each mode whether it did what theory says: trips and compute from the line through its medians (of all
 * attempts that came to their end, also those that negotiated something else and are in no other figure), a verdict,
 * and the most likely reasons. Nothing of publish/subscribe load, which has no handshake of its own to judge.
 */
export function infer(
  cells: readonly CellResult[],
  links: readonly LinkResult[],
  { attemptsOf, bootstrap }: InferenceSamples,
): Inference[] {
  return linesOf(cells.filter((cell) => isSingle(cell))).flatMap((own): Inference[] => {
    const [first] = own;
    if (first === undefined) return [];
    const { mode, broker, topology, workload } = first;
    const line: Line = {
      mode: modeNamed(mode),
      cells: own.flatMap((cell): LineCell[] => {
        const link = links.find(({ id }) => id === cell.link);
        if (link === undefined) return [];
        const inner = links.find(({ id }) => id === cell.path?.innerLink);
        const pureDelay = onlyDelays(cell, links);
        return [{ cell, link, inner, pureDelay, attempts: attemptsOf(cell) }];
      }),
    };
    const estimates = JUDGED.flatMap((milestone) => estimate(line, milestone, links, bootstrap));
    return [
      {
        mode,
        broker,
        topology,
        workload,
        verdict: worst(estimates),
        estimates,
        reasons: reasonsFor(line, estimates),
      },
    ];
  });
}

function estimate(
  line: Line,
  milestone: Milestone,
  links: readonly LinkResult[],
  bootstrap: RoundBootstrap,
): Estimate[] {
  const inTheory = tripsTo(line.mode.theory, milestone);
  if (inTheory === undefined) return [];
  const pure = line.cells.filter(({ pureDelay }) => pureDelay);
  const own = pure.map(({ cell }) => cell);
  const theory = tripsOfLine(own, milestone, links) ?? inTheory;
  const runs = pure.map(({ cell, link, attempts }) => ({
    link,
    hopMs: hopMs(cell, milestone, theory, links),
    reached: completed(attempts).filter(({ milestonesMs }) => milestonesMs[milestone] !== undefined),
  }));
  const points = runs.flatMap((run): LinePoint[] => {
    const point = pointOf(run.link, run.reached, milestone);
    return point === undefined ? [] : [{ ...point, hopMs: run.hopMs }];
  });
  const all = runs.flatMap(({ reached }) => reached);
  const counts = {
    attempts: all.length,
    excluded: all.filter(({ outcome }) => outcome.status === 'excluded').length,
  };
  const fit = fitLine(milestone, points, bootstrap);
  if (fit === undefined) {
    const because =
      all.length === 0 && pure.length > 1
        ? 'No attempt came to it.'
        : 'It takes two links that differ in nothing but their delay; a null link beside the others is one.';
    return [{ milestone, theory, ...counts, verdict: 'inconclusive', because }];
  }
  const { r2: _r2, delays, ...figures } = fit;
  const nullLink = points.find(({ link }) => link.requested.upMs === 0 && link.requested.downMs === 0);
  const from: Estimate['from'] =
    delays === 2 && nullLink !== undefined
      ? { kind: 'null-link', link: nullLink.link.id }
      : { kind: 'slope', delays };
  return [{ milestone, theory, ...figures, from, ...counts, ...judge(theory, fit) }];
}

function worst(estimates: readonly Estimate[]): Verdict {
  const verdicts = estimates.map(({ verdict }) => verdict);
  if (verdicts.includes('differs')) return 'differs';
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'agrees';
}

function reasonsFor(line: Line, estimates: readonly Estimate[]): Inference['reasons'] {
  const found = REASONS.flatMap((reason) => {
    const finding = reason.find(line);
    return finding === undefined ? [] : [{ name: reason.name, ...finding }];
  });
  const explained = new Set(found.flatMap(({ explains }) => explains as readonly Milestone[]));
  const open = estimates.filter(
    ({ verdict, milestone }) => verdict === 'differs' && !explained.has(milestone),
  );
  return [...found.map(({ name, evidence }) => ({ name, evidence })), ...unknown(open)];
}

/** What differs and none of the reasons explains, said as it is. */
function unknown(estimates: readonly Estimate[]): Inference['reasons'] {
  if (estimates.length === 0) return [];
  const what = estimates.map(
    ({ milestone, trips = Number.NaN, theory }) =>
      `${milestone} takes ${trips.toFixed(2)} trips where theory says ${theory}`,
  );
  return [
    {
      name: 'unknown',
      evidence: `${what.join(', and ')}; none of what was looked for explains it: ${REASONS.map(({ looksFor }) => looksFor).join('; ')}.`,
    },
  ];
}
