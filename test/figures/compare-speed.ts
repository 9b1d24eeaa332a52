/**
 * How long it takes to read, compare and write out two runs of 200 cells with 10,000 samples each, and how much memory:
 * `npm run -s figures:compare -- [--cells N] [--samples N]`. The runs are generated; the command is that of
 * `npm run bench`, in a process of its own. Exit code 1 names the limit that is missed.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { distributionOf } from '../../src/results/distribution.ts';
import { ROUND_MILESTONES } from '../../src/results/rounds.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { seal } from '../../src/results/seal.ts';
import { seededRandom } from '../../src/scenario/random.ts';
import { fixture } from '../report/fixture.ts';
import packageJson from '../../package.json' with { type: 'json' };

const LIMITS = { seconds: 3, rssBytes: 300e6 };

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '200' },
    samples: { type: 'string', default: '10000' },
  },
});
const [cells, samples] = [Number(values.cells), Number(values.samples)];
const folder = await mkdtemp(join(tmpdir(), 'bench-figures-'));

/** A run folder with that many cells: results.json and rounds.ndjson of the same numbers. */
async function generate(name: string, seed: number): Promise<string> {
  const random = seededRandom(seed);
  const template = fixture({ modes: ['tls13'], samples: 20 });
  const [base] = template.cells;
  if (base === undefined) throw new Error('an empty fixture');
  const made: CellResult[] = [];
  const rounds = createHash('sha256');
  function* lines(): Generator<string> {
    for (let index = 0; index < cells; index++) {
      const id = `tls13/link-${index}/aedes/direct/handshake`;
      const times = ROUND_MILESTONES.filter((milestone) => milestone in (base?.milestones ?? {})).map(
        (milestone, place) =>
          [
            milestone,
            Array.from(
              { length: samples },
              () => 170_000 + 34_000 * place + Math.round(3000 * random.next()),
            ),
          ] as const,
      );
      const milestones = Object.fromEntries(
        times.map(([milestone, us]) => [
          milestone,
          distributionOf(
            us.map((value) => value / 1000),
            'measured',
          ),
        ]),
      ) as CellResult['milestones'];
      made.push({
        ...(base as CellResult),
        id,
        link: `link-${index}`,
        milestones,
        samples: { ...(base as CellResult).samples, attempted: samples, ok: samples },
      });
      for (const [milestone, timesUs] of times) {
        const line = `${JSON.stringify({ cell: id, milestone, rounds: [[0, samples - 1]], timesUs })}\n`;
        rounds.update(line);
        yield line;
      }
    }
  }
  const run = join(folder, name);
  await execa('mkdir', [run]);
  await pipeline(Readable.from(lines()), createWriteStream(join(run, 'rounds.ndjson')));
  const results = seal({ ...template, cells: made, roundsSha256: rounds.digest('hex') });
  await writeFile(join(run, 'results.json'), JSON.stringify(results));
  return run;
}

try {
  const baseline = await generate('baseline', 1);
  const candidate = await generate('candidate', 2);
  const { size } = await stat(join(baseline, 'rounds.ndjson'));
  const [, ...bench] = packageJson.scripts.bench.split(' ');
  const told = fileURLToPath(new URL('rss.ts', import.meta.url));
  const write = ['markdown', 'junit', 'bencher', 'action-benchmark'].flatMap((format) => [
    '--write',
    `${format}=${join(folder, format)}`,
  ]);
  const { durationMs, stderr, exitCode } = await execa(
    process.execPath,
    ['--import', told, ...bench, 'compare', baseline, candidate, '--json', ...write],
    { reject: false, buffer: { stdout: false }, cwd: fileURLToPath(new URL('../..', import.meta.url)) },
  );
  const rssBytes = 1024 * Number(/maxRSS (\d+)/.exec(stderr)?.[1]);
  const seconds = durationMs / 1000;
  process.stdout.write(
    `${cells} cells × ${samples} samples (${(size / 1e6).toFixed(0)} MB of rounds a run): ${seconds.toFixed(2)} s, ${(rssBytes / 1e6).toFixed(0)} MB\n`,
  );
  const missed = [
    exitCode === 0 ? undefined : `exit code ${String(exitCode)}: ${stderr}`,
    seconds <= LIMITS.seconds ? undefined : `more than ${LIMITS.seconds} s`,
    rssBytes <= LIMITS.rssBytes ? undefined : `more than ${LIMITS.rssBytes / 1e6} MB`,
  ].filter((text) => text !== undefined);
  if (missed.length > 0) {
    process.stderr.write(`Missed: ${missed.join('; ')}\n`);
    process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
