import { linearRegression } from 'simple-statistics';
import { chooseBackend } from '../../../src/link/backends.ts';
import type { OpenLink } from '../../../src/link/backend.ts';
import { resolveLink } from '../../../src/link/spec.ts';
import { check, demand, within } from '../harness.ts';
import { datagrams, over, sidesOf, type Opened } from '../links.ts';

const DELAYS_MS = [20, 100, 300];
/** What an emulated processor may add to the quickest packet of many. */
const ADDED_MS = 6;

await check('it is the best backend here', async () => {
  const { backend, why } = await chooseBackend('auto', [resolveLink({ oneWayMs: 34 })]);
  demand(backend.name === 'netem', why);
  return why;
});

const EVEN = Object.fromEntries(DELAYS_MS.map((oneWayMs) => [`${oneWayMs}`, { oneWayMs }]));
const UNEVEN = 'uneven';

await over({ ...EVEN, [UNEVEN]: { oneWayMs: { up: 10, down: 40 } } }, async (opened, open) => {
  const links = Object.values(opened);
  const up = await quickest(open, links, 'up');
  const down = await quickest(open, links, 'down');

  await check('one-way delays', async () => {
    const slope = (found: Map<string, number>): number =>
      linearRegression(DELAYS_MS.map((ms) => [ms, found.get(`${ms}`) ?? NaN])).m;
    within(slope(up), 1, 0.01, 'the slope up');
    within(slope(down), 1, 0.01, 'the slope down');
    return `slopes over ${DELAYS_MS.join(', ')} ms: up ${slope(up).toFixed(4)}, down ${slope(down).toFixed(4)}`;
  });

  await check('an asymmetric link', async () => {
    const [upMs = NaN, downMs = NaN] = [up.get(UNEVEN), down.get(UNEVEN)];
    const text = `up ${upMs.toFixed(2)} ms of 10, down ${downMs.toFixed(2)} ms of 40`;
    demand(upMs >= 10 && upMs < 10 + ADDED_MS && downMs >= 40 && downMs < 40 + ADDED_MS, text);
    return text;
  });
});

/** One-way time in milliseconds of the quickest of many packets over each link: the one that the machine disturbed the least. */
async function quickest(
  open: OpenLink,
  links: readonly Opened[],
  way: 'up' | 'down',
): Promise<Map<string, number>> {
  const caught = await datagrams(
    sidesOf(open, way),
    links.map(({ hosts }) => ({ host: hosts[way], count: 200, everyMs: 5 })),
  );
  return new Map(
    links.map(({ name }, n) => {
      const times = caught[n]?.map(({ tookUs }) => tookUs) ?? [];
      demand(times.length === 200, `${times.length} of 200 packets came ${way} over ${name}`);
      return [name, Math.min(...times) / 1000];
    }),
  );
}
