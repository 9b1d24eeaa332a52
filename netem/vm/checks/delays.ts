import { linearRegression } from 'simple-statistics';
import { chooseBackend } from '../../../src/link/backends.ts';
import { resolveLink, type LinkInput } from '../../../src/link/spec.ts';
import { check, demand, within } from '../harness.ts';
import { datagrams, over, sidesOf } from '../links.ts';

const DELAYS_MS = [20, 100, 300];
/** What an emulated processor may add to the quickest packet of many. */
const ADDED_MS = 3;

await check('it is the best backend here', async () => {
  const { backend, why } = await chooseBackend('auto', [resolveLink({ oneWayMs: 34 })]);
  demand(backend.name === 'netem', why);
  return why;
});

await check('one-way delays', async () => {
  const points: Record<'up' | 'down', [number, number][]> = { up: [], down: [] };
  for (const oneWayMs of DELAYS_MS) {
    const { upMs, downMs } = await quickest({ oneWayMs });
    points.up.push([oneWayMs, upMs]);
    points.down.push([oneWayMs, downMs]);
  }
  const [up, down] = [linearRegression(points.up).m, linearRegression(points.down).m];
  within(up, 1, 0.01, 'the slope up');
  within(down, 1, 0.01, 'the slope down');
  return `slopes over ${DELAYS_MS.join(', ')} ms: up ${up.toFixed(4)}, down ${down.toFixed(4)}`;
});

await check('an asymmetric link', async () => {
  const { upMs, downMs } = await quickest({ oneWayMs: { up: 10, down: 40 } });
  const text = `up ${upMs.toFixed(2)} ms of 10, down ${downMs.toFixed(2)} ms of 40`;
  demand(upMs >= 10 && upMs < 10 + ADDED_MS && downMs >= 40 && downMs < 40 + ADDED_MS, text);
  return text;
});

/** One-way times of the quickest of many packets in each direction: the one that the machine disturbed the least. */
async function quickest(link: LinkInput): Promise<{ upMs: number; downMs: number }> {
  return over(link, async (open, route) => {
    const way = async (name: 'up' | 'down'): Promise<number> => {
      const caught = await datagrams(sidesOf(open, route, name), 200, 5);
      return Math.min(...caught.map(({ tookUs }) => tookUs)) / 1000;
    };
    return { upMs: await way('up'), downMs: await way('down') };
  });
}
