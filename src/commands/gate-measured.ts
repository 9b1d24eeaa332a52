import { join } from 'node:path';
import * as z from 'zod';
import { compareRuns, describeRun, type CompareOptions } from '../compare/compare.ts';
import type { Comparison } from '../compare/comparison.ts';
import { readRun, type RunData } from '../compare/run-data.ts';
import { usageError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { checkExpectations } from '../gate/check.ts';
import type { Check, Gate } from '../gate/gate.ts';
import type { BackendName } from '../link/backend.ts';
import type { Results } from '../results/schema.ts';
import { expectSchema } from '../scenario/expect.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isPaired, loadVariants, otherSeed, runAgainst, type AgainstOptions } from './against.ts';
import { interruptible } from './interrupts.ts';
import { log } from './output.ts';
import { runFolders } from './run-folders.ts';
import { runOne } from './run.ts';
import { confirmChecks, suspectChecks } from './second-checks.ts';
import { againFolder, lookAgain, measureAgain, type Second } from './second-look.ts';
import { isFit, unusable } from './unusable.ts';

export interface MeasureOptions extends AgainstOptions {
  out?: string;
  backend: 'auto' | BackendName;
  seed?: number;
  set?: string[];
  allowUncalibrated?: boolean;
  targetIsMine?: boolean;
}

/** A run, how it compares with its baseline where it has one, and what of its expectations holds. */
export interface Judged extends Pick<Gate, 'checks' | 'notes' | 'confirmation'> {
  run: RunData;
  comparison: Comparison | undefined;
  /** While a second measurement ran: the judgement is without it. */
  interrupted?: boolean;
}

/**
 * Runs the scenario and judges it, after a second measurement where the first was not good; answers with an exit code
 * where the run is not to be rested on. A run that a part's end cut short is judged: it may be the user's own broker that
 * crashed, and `complete` fails then.
 */
export async function measured(
  path: string,
  baseline: RunData | undefined,
  settings: Omit<CompareOptions, 'paired'>,
  options: MeasureOptions,
): Promise<Judged | ExitCode> {
  const set = [...(options.set ?? []), ...(options.seed === undefined ? [] : [`seed=${options.seed}`])];
  const variants = isPaired(options) ? await loadVariants([path], set, options) : undefined;
  const scenario = variants?.candidate ?? (await loadScenario(path, { set }));
  const [folder = ''] = await runFolders([scenario.name], options.out, new Date());
  const { allowUncalibrated = false } = options;
  return interruptible(async (signal) => {
    if (variants !== undefined) {
      const paired = await runAgainst(variants, folder, settings, options, signal);
      const code = unfit(paired.results, { folder, signal, allowUncalibrated });
      if (code !== undefined) return code;
      const { candidate: run, comparison } = paired;
      const second = repeated(scenario, join(folder, 'confirmation-of-expectations'), options, signal);
      return { run, comparison, ...(await held(run, second, options)), interrupted: signal.aborted };
    }
    const results = await runOne(scenario, folder, { ...options, json: true }, signal);
    const code = unfit([results], { folder, signal, allowUncalibrated });
    if (code !== undefined) return code;
    const run = await readRun(folder);
    const second = repeated(scenario, join(folder, 'confirmation'), options, signal);
    const compare = (it: RunData): Comparison | undefined =>
      baseline && compareRuns(baseline, it, { ...settings, paired: false });
    const once = compare(run);
    const comparison =
      once === undefined || !options.confirm
        ? once
        : await lookAgain(once, {
            first: [results],
            allowUncalibrated,
            // The whole scenario: the baseline's cells were measured beside all others, and so must these be.
            again: async () => {
              const found = await second();
              if ('why' in found) return found;
              return { measured: { comparison: () => compare(found.measured.run) ?? once } };
            },
          });
    return { run, comparison, ...(await held(run, second, options)), interrupted: signal.aborted };
  });
}

/** The exit code of what is not to be rested on; undefined for what can be judged. */
function unfit(
  all: readonly Results[],
  { folder, signal, allowUncalibrated }: { folder: string; signal: AbortSignal; allowUncalibrated: boolean },
): ExitCode | undefined {
  const results = all.find((each) => !isFit(each, allowUncalibrated));
  if (results === undefined) return undefined;
  const code = unusable(results, { folder, interrupted: signal.aborted, allowUncalibrated });
  return results.complete || signal.aborted ? code : undefined;
}

type Again = () => Promise<Second<{ results: readonly Results[]; run: RunData }>>;

/** Measures the scenario once more with another seed: once for all who ask, as comparison and expectations may both. */
function repeated(scenario: Scenario, place: string, options: MeasureOptions, signal: AbortSignal): Again {
  let found: ReturnType<Again> | undefined;
  const other = { ...scenario, seed: otherSeed(scenario.seed) };
  return () =>
    (found ??= measureAgain(
      async (attempt) => {
        const folder = againFolder(place, attempt);
        const results = await runOne(other, folder, { ...options, json: true }, signal);
        return { results: [results], run: await readRun(folder) };
      },
      { ...options, signal },
    ));
}

/** What of its expectations a run holds, after a second measurement where what chance may break did not. */
async function held(
  run: RunData,
  again: Again,
  { confirm, allowUncalibrated = false }: MeasureOptions,
): Promise<Pick<Judged, 'checks' | 'notes' | 'confirmation'>> {
  const checks = checksOf(run);
  const suspects = confirm && isFit(run.results, allowUncalibrated) ? suspectChecks(checks) : [];
  if (suspects.length === 0) return { checks, notes: [] };
  log(
    `Holding ${suspects.length} of ${checks.length} expectations, which chance may have broken, against a second measurement.`,
  );
  const second = await again();
  if ('why' in second) {
    // What was not measured fails, here as elsewhere.
    const note = `What failed was not confirmed, since there is no second measurement: ${second.why}.`;
    return { checks, notes: [note] };
  }
  const other = second.measured.run;
  return confirmChecks(
    { run: describeRun(run), checks },
    { run: describeRun(other), checks: checksOf(other) },
  );
}

/** A run held against what its scenario expected, as it was resolved then. */
export function checksOf({ path, results }: RunData): Check[] {
  const parsed = expectSchema.safeParse(results.scenario['expect']);
  if (parsed.success) return checkExpectations(results, parsed.data);
  throw usageError(
    `The scenario in ${path} has no valid \`expect\`:\n${z.prettifyError(parsed.error)}`,
    'Was it written by another version of mqtt-tls-bench? Run the scenario again.',
  );
}
