/**
 * The same over the TUN delay line, under real TCP, and over the stream proxy, whose TCP is modelled:
 * `npm run -s figures:agreement -- [--rounds N] [--lossy N]`. Medians of interleaved samples; exit code 1 names what
 * is more than 2 % (or 1 ms) apart. The distributions under loss are printed for the eye.
 */
import { parseArgs } from 'node:util';
import { median, quantile } from 'simple-statistics';
import { proxyBackend } from '../../src/link/proxy.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { compare, type Experiment } from '../link/agreement/compare.ts';
import { downloads, ladder, oneWay } from '../link/agreement/experiments.ts';
import { conclude } from './run.ts';

const LIMIT = 0.02;
/** What the machine itself may make of a difference. */
const FLOOR_MS = 1;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, lossy: { type: 'string', default: '400' } },
});
const missed: string[] = [];

const rounds = Number(values.rounds);
const exact: Experiment[] =
  rounds === 0
    ? []
    : [
        ...oneWay([0, 10, 34, 150]),
        ...ladder([2, 13, 16, 21, 50], '34 ms'),
        ...ladder([2, 13, 16], '100 kbit/s', { rateKbit: 100 }),
        ...downloads([1, 40, 100], '34 ms'),
        ...downloads([40], '100 kbit/s', { rateKbit: 100 }),
      ];
for (const { name, tookMs } of await compare([tunBackend, proxyBackend], exact, rounds)) {
  const [real = NaN, modelled = NaN] = tookMs.map(median);
  const apart = modelled / real - 1;
  process.stdout.write(
    `${name}: tun ${real.toFixed(1)} ms, proxy ${modelled.toFixed(1)} ms, ${(100 * apart).toFixed(2)} % apart\n`,
  );
  if (Math.abs(modelled - real) > Math.max(FLOOR_MS, LIMIT * real))
    missed.push(`${name}: ${(100 * apart).toFixed(2)} % apart`);
}

const count = Number(values.lossy);
const at = { count, atOnce: 20 };
const lossy =
  count === 0
    ? []
    : [1, 5].flatMap((percent) => [
        ...downloads([1, 15, 60], `${percent} % loss`, { loss: percent / 100 }, at),
      ]);
for (const { name, tookMs } of await compare([tunBackend, proxyBackend], lossy, 1)) {
  for (const [which, times] of tookMs.entries()) {
    const figures = [0.1, 0.5, 0.75, 0.9, 0.95, 0.99].map((p) => quantile(times, p).toFixed(0));
    process.stdout.write(
      `${name}: ${which === 0 ? 'tun  ' : 'proxy'} p10 p50 p75 p90 p95 p99 ${figures.join(' ')} ms (${times.length})\n`,
    );
  }
}
conclude(missed);
