/**
 * Whether broker and wire agree on when the broker held what: `npm run -s figures:wire-milestones`. Aedes stamps what
 * happens to its connections while the link's tap watches its end of the wire, over TUN and over the proxy. The medians of
 * their differences must be within 0.5 ms beyond what a bare server in Node takes until it is told of a connection, just
 * before and after: that is the machine's. No sample may have an order that cannot be. Exit code 1 names what does not.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import { differences, impossible, LIMIT_MS, MODES_BOTH_TELL } from '../helpers/wire-agreement.ts';
import { conclude } from './run.ts';
import { toldMs } from './told.ts';

const ROUNDS = 60;
const PER_SECOND = 12;
const SCENARIO = `name: wire-milestones
question: Do broker and wire agree on when the broker held what?
modes: [${MODES_BOTH_TELL.join(', ')}]
links: [{name: near, oneWayMs: 10}]
workload: {kind: handshake, action: publish, qos: 1, connectionsPerSecond: ${PER_SECOND}}
rounds: ${ROUNDS}
warmupRounds: 2
`;

const missed: string[] = [];
for (const backend of ['tun', 'proxy']) {
  const before = await toldMs(ROUNDS, PER_SECOND);
  const samples = Map.groupBy(await samplesOver(backend), ({ cell }) => cell.split('/')[0] ?? '');
  const bareMs = Math.min(before, await toldMs(ROUNDS, PER_SECOND));
  const limitMs = LIMIT_MS + bareMs;
  process.stdout.write(`${JSON.stringify({ backend, bareMs, limitMs })}\n`);
  for (const mode of MODES_BOTH_TELL) {
    const own = samples.get(mode) ?? [];
    for (const { name, count, p50Ms } of differences(mode, (name) => samples.get(name) ?? [])) {
      process.stdout.write(`${JSON.stringify({ backend, mode, name, count, p50Ms })}\n`);
      if (count < ROUNDS / 4) missed.push(`${backend} ${mode} ${name}: only ${count} undisturbed samples`);
      if (!(Math.abs(p50Ms) <= limitMs)) missed.push(`${backend} ${mode} ${name}: ${p50Ms.toFixed(3)} ms`);
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
