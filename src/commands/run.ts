import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { run } from '../lab/run.ts';
import type { Results } from '../results/schema.ts';
import { loadScenario } from '../scenario/load.ts';
import { makePlan } from '../scenario/plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { overBudget } from './budget.ts';
import { drawReport } from './draw-report.ts';
import { dryRun } from './dry-run.ts';
import { interruptible } from './interrupts.ts';
import { comparingOption } from './judge.ts';
import { log, print, printJson } from './output.ts';
import { displayOn } from './progress.ts';
import { executeAgainst, type RunAgainstOptions } from './run-against.ts';
import { isPaired } from './against.ts';
import { runFolders } from './run-folders.ts';
import { unusable } from './unusable.ts';

interface RunCommandOptions extends RunAgainstOptions {
  seed?: number;
  set?: string[];
}

/** `run SCENARIO…`: loads all scenarios, then measures, saves and draws one after another. */
export async function execute(paths: string[], options: RunCommandOptions): Promise<ExitCode> {
  const set = [...(options.set ?? []), ...(options.seed === undefined ? [] : [`seed=${options.seed}`])];
  if (isPaired(options)) return executeAgainst(paths, set, options);
  const lost =
    comparingOption(options, ['failOnInconclusive', 'write']) ??
    (options.confirm ? undefined : '--no-confirm');
  if (lost !== undefined) throw usageError(`${lost} is for a run with --against or --against-set`);
  const scenarios: Scenario[] = [];
  for (const path of paths) scenarios.push(await loadScenario(path, { set }));
  if (options.dryRun === true)
    return dryRun(
      scenarios.map((scenario) => [makePlan(scenario)]),
      options,
    );
  const names = scenarios.map(({ name }) => name);
  const folders = await runFolders(names, options.out, new Date());
  const finished: Results[] = [];
  let code: ExitCode = EXIT.good;
  await interruptible(async (signal) => {
    for (const [index, scenario] of scenarios.entries()) {
      const folder = folders[index] ?? '';
      const results = await runOne(scenario, folder, options, signal);
      finished.push(results);
      code = conclude(results, scenario, { folder, interrupted: signal.aborted, ...options }) || code;
      if (signal.aborted) break;
    }
  });
  if (finished.length < scenarios.length) code = EXIT.interrupted;
  if (options.json === true) printJson(paths.length === 1 ? finished[0] : finished);
  return code;
}

/** Measures a scenario, saves it and draws its report; what a terminal shows of it goes to stdout, or nothing with `json`. */
export async function runOne(
  scenario: Scenario,
  folder: string,
  options: Pick<RunCommandOptions, 'backend' | 'allowUncalibrated' | 'targetIsMine' | 'json'>,
  signal: AbortSignal,
): Promise<Results> {
  const display = displayOn(process.stderr);
  let results: Results;
  try {
    results = await run(makePlan(scenario), {
      backend: options.backend,
      allowUncalibrated: options.allowUncalibrated ?? false,
      targetIsMine: options.targetIsMine ?? false,
      folder,
      observer: display,
      signal,
    });
    display.end('done');
  } catch (error) {
    display.end('failed');
    // Nothing was measured: an empty run folder would only be in the way of the next run.
    await rmdir(folder).catch(() => {});
    throw error;
  }
  const summary = await drawReport(results, folder).catch((error: unknown) => {
    log(
      `What was measured is saved in ${folder}; \`mqtt-tls-bench report ${folder}\` tries again to draw it.`,
    );
    throw error;
  });
  if (options.json === true) log(join(folder, 'report.html'));
  else print(summary);
  return results;
}

/** Says what became of a run where that is not the plain good case, and answers with its exit code. */
function conclude(
  results: Results,
  scenario: Scenario,
  about: { folder: string; interrupted: boolean; allowUncalibrated?: boolean },
): ExitCode {
  const code = unusable(results, about);
  if (code !== undefined) return code;
  const problems = overBudget(results, scenario.expect);
  if (problems.length === 0) return EXIT.good;
  log(['Too many attempts were lost:', ...problems].join('\n'));
  return EXIT.overBudget;
}
