/**
 * Whether broker and wire agree on when the broker held what: `npm run -s figures:wire-milestones -- [--per-second N]`.
 * Aedes stamps what happens to its connections while the link's tap watches its end of the wire, over TUN and over the
 * proxy in turn, at the rate of the reference scenario. The medians of their differences must be within 0.5 ms, by the median
 * of three turns, and no sample may have an order that cannot be. Exit code 1 names what is not so. A broker that has less to
 * do takes longer to be woken: at 12 a second four medians of a turn were over 0.5 ms, by up to 0.2.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import { median } from '../../src/stats/median.ts';
import { differences, impossible, LIMIT_MS, MODES_BOTH_TELL } from '../helpers/wire-agreement.ts';
import { conclude } from './run.ts';

const { values } = parseArgs({ options: { 'per-second': { type: 'string', default: '75' } } });
const ROUNDS = 200;
const TURNS = 3;
const SCENARIO = `name: wire-milestones
question: Do broker and wire agree on when the broker held what?
modes: [${MODES_BOTH_TELL.join(', ')}]
links: [{name: near, oneWayMs: 10}]
workload: {kind: handshake, action: publish, qos: 1, connectionsPerSecond: ${values['per-second']}}
rounds: ${ROUNDS}
warmupRounds: 2
`;

const missed: string[] = [];
const turns = new Map<string, number[]>();
for (let turn = 0; turn < TURNS; turn++) {
  for (const backend of ['tun', 'proxy']) {
    const samples = Map.groupBy(await samplesOver(backend), ({ cell }) => cell.split('/')[0] ?? '');
    for (const mode of MODES_BOTH_TELL) {
      for (const { name, count, p50Ms } of differences(mode, (name) => samples.get(name) ?? [])) {
        const row = `${backend} ${mode} ${name}`;
        turns.set(row, [...(turns.get(row) ?? []), p50Ms]);
        if (count < ROUNDS / 4) missed.push(`${row}: only ${count} undisturbed samples`);
      }
      const own = samples.get(mode) ?? [];
      for (const text of own.flatMap(impossible)) missed.push(`${backend} ${mode} cannot be: ${text}`);
    }
  }
}
for (const [row, p50Ms] of turns) {
  const told = p50Ms.map((ms) => ms.toFixed(3)).join(', ');
  process.stdout.write(`${row}: ${told} ms\n`);
  if (!(Math.abs(median(p50Ms)) <= LIMIT_MS)) missed.push(`${row}: ${told} ms`);
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
