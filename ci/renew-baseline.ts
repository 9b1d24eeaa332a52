/**
 * Measures the committed baseline again: `npm run -s baseline:renew`, on a quiet machine, when what is negotiated, bytes or
 * trips change on purpose. Keeps what `compare` reads, and of it as few bytes as it takes.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { RUN_FILES } from '../src/results/folder.ts';

const BASELINE = join('results', 'baseline');
const SCENARIO = ['scenarios/reference.yaml', '--set', 'rounds=40'];

const folder = await mkdtemp(join(tmpdir(), 'baseline-'));
try {
  const run = join(folder, 'run');
  // A baseline that its own scenario's expectations do not hold for would be none.
  const gate = ['src/cli.ts', 'gate', ...SCENARIO, '--out', run];
  const { exitCode } = await execa(process.execPath, gate, { stdio: 'inherit', reject: false });
  if (exitCode === 0) {
    await mkdir(BASELINE, { recursive: true });
    for (const file of [RUN_FILES.rounds, RUN_FILES.scenario])
      await copyFile(join(run, file), join(BASELINE, file));
    const results: unknown = JSON.parse(await readFile(join(run, RUN_FILES.results), 'utf8'));
    await writeFile(join(BASELINE, RUN_FILES.results), `${JSON.stringify(results)}\n`);
    const files = [RUN_FILES.results, RUN_FILES.rounds, RUN_FILES.scenario];
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(BASELINE, file))).size));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    process.stdout.write(`${BASELINE}: ${Math.round(total / 1000)} kB\n`);
  } else {
    process.stderr.write(`${BASELINE} stays as it was.\n`);
    process.exitCode = exitCode ?? 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
