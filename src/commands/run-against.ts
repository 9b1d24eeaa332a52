import { makePairedPlan } from '../scenario/paired.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadVariants, runAgainst, type AgainstOptions, type PairedOptions } from './against.ts';
import { overBudget } from './budget.ts';
import { dryRun } from './dry-run.ts';
import { interruptible } from './interrupts.ts';
import { exitCodeOf, settingsOf, tellJudgement, writingsOf, type JudgeOptions } from './judge.ts';
import { log } from './output.ts';
import { runFolders } from './run-folders.ts';
import { unusable } from './unusable.ts';

export interface RunAgainstOptions extends JudgeOptions, AgainstOptions, PairedOptions {
  out?: string;
  dryRun?: boolean;
}

/** `run CANDIDATE --against BASELINE`: both in the same rounds, and whether the candidate is worse. */
export async function executeAgainst(
  paths: string[],
  set: readonly string[],
  options: RunAgainstOptions,
): Promise<ExitCode> {
  const writings = writingsOf(options);
  const settings = await settingsOf(options);
  const variants = await loadVariants(paths, set, options);
  if (options.dryRun === true) {
    const { baseline, candidate } = makePairedPlan(variants.baseline, variants.candidate);
    return dryRun([[baseline, candidate]], options);
  }
  const [folder = ''] = await runFolders([variants.candidate.name], options.out, new Date());
  const { baseline, candidate, comparison, results, interrupted } = await interruptible(async (signal) => ({
    ...(await runAgainst(variants, folder, settings, options, signal)),
    interrupted: signal.aborted,
  }));
  const judgement = { candidate: candidate.results, comparison };
  await tellJudgement(judgement, comparison, { ...options, writings });
  log(`Everything is in ${folder}: baseline, candidate, comparison.json, comparison.md`);
  const about = { folder, interrupted, ...options };
  for (const each of results) {
    const code = unusable(each, about);
    if (code !== undefined) return code;
  }
  // Who interrupted a second measurement has the judgement of the first, and knows that it was interrupted.
  if (interrupted) return EXIT.interrupted;
  const code = exitCodeOf(judgement, options.failOnInconclusive ?? false);
  if (code === EXIT.regression) return code;
  const problems = [
    ...overBudget(baseline.results, variants.baseline.expect),
    ...overBudget(candidate.results, variants.candidate.expect),
  ];
  if (problems.length === 0) return code;
  log(['Too many attempts were lost:', ...problems].join('\n'));
  return EXIT.overBudget;
}
