import { compareRuns } from '../compare/compare.ts';
import { readRun } from '../compare/run-data.ts';
import type { ExitCode } from '../exit-codes.ts';
import { exitCodeOf, settingsOf, tellJudgement, writingsOf, type JudgeOptions } from './judge.ts';

/** `compare BASELINE CANDIDATE`: says whether the candidate got worse, and where. */
export async function execute(
  baselinePath: string,
  candidatePath: string,
  options: JudgeOptions,
): Promise<ExitCode> {
  const writings = writingsOf(options);
  const settings = await settingsOf(options);
  const baseline = await readRun(baselinePath);
  const candidate = await readRun(candidatePath);
  const comparison = compareRuns(baseline, candidate, { ...settings, paired: false });
  const judgement = { candidate: candidate.results, comparison };
  await tellJudgement(judgement, comparison, { ...options, writings });
  return exitCodeOf(judgement, options.failOnInconclusive ?? false);
}
