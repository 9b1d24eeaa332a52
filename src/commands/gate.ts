import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { compareRuns, describeRun, type CompareOptions } from '../compare/compare.ts';
import { readRun, type RunData } from '../compare/run-data.ts';
import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { GATE_VERSION, type Gate } from '../gate/gate.ts';
import type { Results } from '../results/schema.ts';
import { isPaired } from './against.ts';
import { checksOf, measured, type Judged, type MeasureOptions } from './gate-measured.ts';
import {
  comparingOption,
  exitCodeOf,
  settingsOf,
  tellJudgement,
  writingsOf,
  type JudgeOptions,
} from './judge.ts';

interface GateOptions extends JudgeOptions, MeasureOptions {
  baseline?: string;
}

/** `gate RESULTS|SCENARIO`: checks what the scenario expects, after running it where a scenario is given. */
export async function execute(path: string, options: GateOptions): Promise<ExitCode> {
  const writings = writingsOf(options);
  if (isPaired(options) && options.baseline !== undefined) {
    throw usageError(
      '--baseline is a run of before, --against a scenario that is run now: there can be one of them',
      'Leave one out.',
    );
  }
  const lost = comparingOption(options);
  if (lost !== undefined && options.baseline === undefined && !isPaired(options)) {
    throw usageError(
      `${lost} is about a comparison, and there is none`,
      'Name a run with --baseline, or a scenario with --against.',
    );
  }
  const settings = await settingsOf(options);
  // A baseline that cannot be read is told before anything is measured.
  const baseline = options.baseline === undefined ? undefined : await readRun(options.baseline);
  const judged = (await isResults(path))
    ? await given(path, baseline, settings, options)
    : await measured(path, baseline, settings, options);
  if (typeof judged === 'number') return judged;
  const { run, comparison, checks, notes, confirmation } = judged;
  const gate: Gate = {
    gateVersion: GATE_VERSION,
    tool: run.results.tool,
    run: describeRun(run),
    passed: checks.every(({ passed }) => passed),
    // A comparison says itself what its links were.
    notes: [...notes, ...(comparison === undefined ? linkNotes(run.results) : [])],
    checks,
    ...(confirmation === undefined ? {} : { confirmation }),
    ...(comparison === undefined ? {} : { comparison }),
  };
  const judgement = { candidate: run.results, comparison, gate };
  await tellJudgement(judgement, gate, { ...options, writings });
  return judged.interrupted === true
    ? EXIT.interrupted
    : exitCodeOf(judgement, options.failOnInconclusive ?? false);
}

async function isResults(path: string): Promise<boolean> {
  if (['.yaml', '.yml'].includes(extname(path))) return false;
  if (extname(path) === '.json') return true;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => true,
  );
}

async function given(
  path: string,
  baseline: RunData | undefined,
  settings: Omit<CompareOptions, 'paired'>,
  options: GateOptions,
): Promise<Judged> {
  const { out, seed, set, backend, allowUncalibrated = false, targetIsMine = false, confirm } = options;
  const given = [out, seed, set].some((option) => option !== undefined);
  if (given || backend !== 'auto' || allowUncalibrated || targetIsMine || !confirm || isPaired(options)) {
    throw usageError(
      `${path} was measured already: --out, --seed, --set, --backend, --allow-uncalibrated, --target-is-mine, --no-confirm and --against are for a scenario that is still to be run`,
      'Leave them out, or name a scenario.',
    );
  }
  const run = await readRun(path);
  return {
    run,
    comparison: baseline && compareRuns(baseline, run, { ...settings, paired: false }),
    checks: checksOf(run),
    notes: [],
  };
}

/** What a run's links were where that is not what was asked for. */
function linkNotes({ links }: Results): string[] {
  return links
    .filter(({ calibrated }) => !calibrated)
    .map(({ id }) => `The link ${id} was not what was asked for: times and trips over it tell little.`);
}
