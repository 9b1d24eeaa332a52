import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { resultsSchema, type Results } from '../../src/results/schema.ts';

/** Runs a scenario as a user does, in a folder that is gone afterwards; answers its results and the seconds it took. */
export async function runScenario(
  scenario: string,
  ...options: string[]
): Promise<{ results: Results; wallSeconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'figures-'));
  const startedMs = performance.now();
  try {
    const { stdout } = await execa(
      process.execPath,
      ['src/cli.ts', 'run', scenario, '--json', '--out', join(folder, 'run'), ...options],
      { stderr: 'inherit', maxBuffer: 100e6 },
    );
    return {
      results: resultsSchema.parse(JSON.parse(stdout)),
      wallSeconds: (performance.now() - startedMs) / 1000,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Prints what was missed, and sets the exit code. */
export function conclude(missed: readonly string[]): void {
  for (const text of missed) process.stdout.write(`MISSED ${text}\n`);
  process.exitCode = missed.length === 0 ? 0 : 1;
}
