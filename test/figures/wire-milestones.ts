/**
 * Whether broker and wire agree on when the broker held what: `npm run -s figures:wire-milestones -- [--per-second N]`.
 * Aedes stamps what happens to its connections while the link's tap watches its end of the wire, over TUN and over the
 * proxy, at the rate of the reference scenario. The medians of their differences must be within 0.5 ms, and no sample may
 * have an order that cannot be. Exit code 1 names what is not so. A broker that has nothing to do for tens of milliseconds
 * between connections takes longer to be woken: the fewer a second, the larger the differences.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import { differences, impossible, LIMIT_MS, MODES_BOTH_TELL } from '../helpers/wire-agreement.ts';
import { conclude } from './run.ts';

const { values } = parseArgs({ options: { 'per-second': { type: 'string', default: '75' } } });
const ROUNDS = 200;
const SCENARIO = `name: wire-milestones
question: Do broker and wire agree on when the broker held what?
modes: [${MODES_BOTH_TELL.join(', ')}]
links: [{name: near, oneWayMs: 10}]
workload: {kind: handshake, action: publish, qos: 1, connectionsPerSecond: ${values['per-second']}}
rounds: ${ROUNDS}
warmupRounds: 2
`;

const missed: string[] = [];
for (const backend of ['tun', 'proxy']) {
  const samples = Map.groupBy(await samplesOver(backend), ({ cell }) => cell.split('/')[0] ?? '');
  for (const mode of MODES_BOTH_TELL) {
    const own = samples.get(mode) ?? [];
    for (const { name, count, p50Ms } of differences(mode, (name) => samples.get(name) ?? [])) {
      process.stdout.write(`${JSON.stringify({ backend, mode, name, count, p50Ms })}\n`);
      if (count < ROUNDS / 4) missed.push(`${backend} ${mode} ${name}: only ${count} undisturbed samples`);
      if (!(Math.abs(p50Ms) <= LIMIT_MS)) missed.push(`${backend} ${mode} ${name}: ${p50Ms.toFixed(3)} ms`);
    }
    for (const text of own.flatMap(impossible)) missed.push(`${backend} ${mode} cannot be: ${text}`);
  }
}
conclude(missed);

/** The samples of a run as a user makes it, in a folder that is gone afterwards. */
async function samplesOver(backend: string): Promise<Sample[]> {
  const folder = await mkdtemp(join(tmpdir(), 'figures-'));
  try {
    const out = join(folder, 'run');
    const scenario = join(folder, 'scenario.yaml');
    await writeFile(scenario, SCENARIO);
    // What is compared does not hang on how exactly the link delays.
    const args = ['src/cli.ts', 'run', scenario, '--allow-uncalibrated', '--backend', backend, '--out', out];
    await execa(process.execPath, args, { stdout: 'ignore', stderr: 'inherit' });
    const lines = (await readFile(join(out, 'samples.ndjson'), 'utf8')).trim().split('\n');
    return lines.map((line) => sampleSchema.parse(JSON.parse(line)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
