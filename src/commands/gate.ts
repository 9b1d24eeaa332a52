import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import * as z from 'zod';
import { compareRuns, describeRun, type CompareOptions } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import { readRun, type RunData } from '../compare/run-data.ts';
import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { checkExpectations } from '../gate/check.ts';
import { GATE_VERSION, type Gate } from '../gate/gate.ts';
import type { BackendName } from '../link/backend.ts';
import { expectSchema, type Expect } from '../scenario/expect.ts';
import type { Results } from '../results/schema.ts';
import { loadScenario } from '../scenario/load.ts';
import { isPaired, loadVariants, otherSeed, runAgainst, type AgainstOptions } from './against.ts';
import { listenForInterrupts } from './interrupts.ts';
import {
  comparingOption,
  exitCodeOf,
  settingsOf,
  tellJudgement,
  writingsOf,
  type JudgeOptions,
} from './judge.ts';
import { log } from './output.ts';
import { runFolders } from './run-folders.ts';
import { runOne } from './run.ts';
import { lookAgain } from './second-look.ts';
import { unusable } from './unusable.ts';

interface GateOptions extends JudgeOptions, AgainstOptions {
  baseline?: string;
  out?: string;
  backend: 'auto' | BackendName;
  seed?: number;
  set?: string[];
  allowUncalibrated?: boolean;
  targetIsMine?: boolean;
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
  const { run, comparison } = judged;
  const checks = checkExpectations(run.results, expectOf(run));
  const gate: Gate = {
    gateVersion: GATE_VERSION,
    tool: run.results.tool,
    run: describeRun(run),
    passed: checks.every(({ passed }) => passed),
    checks,
    ...(comparison === undefined ? {} : { comparison }),
  };
  const judgement = { candidate: run.results, comparison, gate };
  await tellJudgement(judgement, gate, { ...options, writings });
  return judged.interrupted === true
    ? EXIT.interrupted
    : exitCodeOf(judgement, options.failOnInconclusive ?? false);
}

/** A run, and how it compares with its baseline where it has one. */
interface Judged {
  run: RunData;
  comparison: Comparison | undefined;
  /** While a second measurement ran: the judgement is that of the first. */
  interrupted?: boolean;
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
  };
}

/** Runs the scenario; answers with an exit code where the run is not to be rested on. */
async function measured(
  path: string,
  baseline: RunData | undefined,
  settings: Omit<CompareOptions, 'paired'>,
  options: GateOptions,
): Promise<Judged | ExitCode> {
  const set = [...(options.set ?? []), ...(options.seed === undefined ? [] : [`seed=${options.seed}`])];
  const variants = isPaired(options) ? await loadVariants([path], set, options) : undefined;
  const scenario = variants?.candidate ?? (await loadScenario(path, { set }));
  const [folder = ''] = await runFolders([scenario.name], options.out, new Date());
  const interrupts = listenForInterrupts(() =>
    log('Stopping, and saving what was measured until now; once more ends at once.'),
  );
  const { signal } = interrupts;
  try {
    const unfit = (results: Results): ExitCode | undefined =>
      unusable(results, { folder, interrupted: signal.aborted, ...options });
    if (variants !== undefined) {
      const paired = await runAgainst(variants, folder, settings, options, signal);
      const code = paired.results.map(unfit).find((each) => each !== undefined);
      return code ?? { run: paired.candidate, comparison: paired.comparison, interrupted: signal.aborted };
    }
    const results = await runOne(scenario, folder, { ...options, json: true }, signal);
    const code = unfit(results);
    if (code !== undefined) return code;
    const run = await readRun(folder);
    if (baseline === undefined) return { run, comparison: undefined };
    const compare = (it: RunData): Comparison => compareRuns(baseline, it, { ...settings, paired: false });
    const once = compare(run);
    if (!options.confirm) return { run, comparison: once };
    const comparison = await lookAgain(once, {
      first: [results],
      allowUncalibrated: options.allowUncalibrated,
      // The whole scenario: the baseline's cells were measured beside all others, and so must these be.
      again: async () => {
        const where = join(folder, 'confirmation');
        const other = { ...scenario, seed: otherSeed(scenario.seed) };
        const second = await runOne(other, where, { ...options, json: true }, signal);
        const data = await readRun(where);
        return { results: [second], comparison: () => compare(data) };
      },
    });
    return { run, comparison, interrupted: signal.aborted };
  } finally {
    interrupts.stopListening();
  }
}

/** What the scenario of a run expected, as it was resolved then. */
function expectOf({ path, results }: RunData): Expect {
  const parsed = expectSchema.safeParse(results.scenario['expect']);
  if (parsed.success) return parsed.data;
  throw usageError(
    `The scenario in ${path} has no valid \`expect\`:\n${z.prettifyError(parsed.error)}`,
    'Was it written by another version of mqtt-tls-bench? Run the scenario again.',
  );
}
