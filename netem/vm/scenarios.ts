import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import { demand, say } from './harness.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Runs the CLI as a user does. */
export function cli(args: readonly string[]) {
  return execa(process.execPath, [CLI, ...args], { reject: false, stdin: 'ignore', env: { NO_COLOR: '1' } });
}

/** V8 on an emulated processor was seen to end so, seldom and in its own bookkeeping; no check of ours does. */
const CRASHES = new Set(['SIGSEGV', 'SIGTRAP', 'SIGILL', 'SIGABRT', 'SIGBUS']);

/**
 * Runs a scenario with the CLI; answers its samples. Throws when one attempt was not good. A crash of the emulated
 * processor's making is said, and the run is made once more.
 */
export async function measure(parts: object): Promise<Sample[]> {
  const file = await scenario(parts);
  const run = async (): Promise<{ out: string; ended: string; crashed: boolean }> => {
    const out = join(await folder(), 'run');
    const options = ['--backend', 'netem', '--allow-uncalibrated', '--out', out];
    const { exitCode, signal, stderr } = await cli(['run', file, ...options]);
    const ended = exitCode === 0 ? '' : `${signal ?? `exit code ${exitCode}`}:\n${stderr}`;
    return { out, ended, crashed: signal !== undefined && CRASHES.has(signal) };
  };
  let { out, ended, crashed } = await run();
  if (crashed) {
    say(`      Node crashed and is tried once more: ${ended}`);
    ({ out, ended, crashed } = await run());
  }
  demand(ended === '', ended);
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
