import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { SILENT } from '../../src/lab/observer.ts';
import { run } from '../../src/lab/run.ts';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { demand, say } from './harness.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Runs the CLI as a user does. */
export function cli(args: readonly string[]) {
  return execa(process.execPath, [CLI, ...args], { reject: false, stdin: 'ignore', env: { NO_COLOR: '1' } });
}

/**
 * Runs a scenario as the CLI does, but for the report, which an emulated processor takes minutes to draw; answers its
 * samples. Throws when one attempt was not good.
 */
export async function measure(parts: object): Promise<Sample[]> {
  const loaded = await loadScenario(await scenario(parts));
  const out = join(await folder(), 'run');
  await run(makePlan(loaded), {
    backend: 'netem',
    allowUncalibrated: true,
    folder: out,
    observer: { ...SILENT, step: (text) => say(`      ${text}`) },
    signal: new AbortController().signal,
  });
  const text = await readFile(join(out, 'samples.ndjson'), 'utf8');
  const samples = text
    .trim()
    .split('\n')
    .map((line) => sampleSchema.parse(JSON.parse(line)));
  const bad = samples.filter(({ outcome }) => outcome.status !== 'ok');
  demand(samples.length > 0 && bad.length === 0, JSON.stringify(bad[0]?.outcome));
  return samples.filter(({ warmup }) => !warmup);
}

/** Writes a scenario; answers its file. */
export async function scenario(parts: object): Promise<string> {
  const file = join(await folder(), 'scenario.yaml');
  // JSON is YAML too.
  const whole = { name: 't', question: 'q?', seed: 1, workload: { kind: 'handshake' }, ...parts };
  await writeFile(file, JSON.stringify(whole));
  return file;
}

/** A new folder, which goes with the machine. */
export function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'check-'));
}
