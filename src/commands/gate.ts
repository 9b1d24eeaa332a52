import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import * as z from 'zod';
import { compareRuns, describeRun } from '../compare/compare.ts';
import { readRun, type RunData } from '../compare/run-data.ts';
import { usageError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { checkExpectations } from '../gate/check.ts';
import { GATE_VERSION, type Gate } from '../gate/gate.ts';
import type { BackendName } from '../link/backend.ts';
import { expectSchema, type Expect } from '../scenario/expect.ts';
import { loadScenario } from '../scenario/load.ts';
import { listenForInterrupts } from './interrupts.ts';
import { exitCodeOf, settingsOf, tellJudgement, writingsOf, type JudgeOptions } from './judge.ts';
import { log } from './output.ts';
import { runFolders } from './run-folders.ts';
import { runOne } from './run.ts';
import { unusable } from './unusable.ts';

interface GateOptions extends JudgeOptions {
  baseline?: string;
  out?: string;
  backend: 'auto' | BackendName;
  seed?: number;
  set?: string[];
  allowUncalibrated?: boolean;
}

/** `gate RESULTS|SCENARIO`: checks what the scenario expects, after running it where a scenario is given. */
export async function execute(path: string, options: GateOptions): Promise<ExitCode> {
  const writings = writingsOf(options);
  // A baseline that cannot be read is told before anything is measured.
  const baseline = options.baseline === undefined ? undefined : await readRun(options.baseline);
  const run = (await isResults(path)) ? await given(path, options) : await measured(path, options);
  if (typeof run === 'number') return run;
  const checks = checkExpectations(run.results, expectOf(run));
  const comparison = baseline && compareRuns(baseline, run, { ...settingsOf(options), paired: false });
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
  return exitCodeOf(judgement, options.failOnInconclusive ?? false);
}

async function isResults(path: string): Promise<boolean> {
  if (['.yaml', '.yml'].includes(extname(path))) return false;
  if (extname(path) === '.json') return true;
  return stat(path).then(
    (found) => found.isDirectory(),
    () => true,
  );
}

async function given(path: string, { out, seed, set }: GateOptions): Promise<RunData> {
  if (out !== undefined || seed !== undefined || set !== undefined) {
    throw usageError(
      `${path} was measured already: --out, --seed and --set are for a scenario that is still to be run`,
      'Leave them out, or name a scenario.',
    );
  }
  return readRun(path);
}

/** Runs the scenario; answers with an exit code where the run is not to be rested on. */
async function measured(path: string, options: GateOptions): Promise<RunData | ExitCode> {
  const { allowUncalibrated = false } = options;
  const set = [...(options.set ?? []), ...(options.seed === undefined ? [] : [`seed=${options.seed}`])];
  const scenario = await loadScenario(path, { set });
  const [folder = ''] = await runFolders([scenario.name], options.out, new Date());
  const interrupts = listenForInterrupts(() =>
    log('Stopping, and saving what was measured until now; once more ends at once.'),
  );
  const settings = { backend: options.backend, allowUncalibrated, json: true };
  const results = await runOne(scenario, folder, settings, interrupts.signal);
  interrupts.stopListening();
  const about = { folder, interrupted: interrupts.signal.aborted, allowUncalibrated };
  return unusable(results, about) ?? readRun(folder);
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
