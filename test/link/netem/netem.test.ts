import { expect, test } from 'vitest';
import { datagrams, over, sidesOf } from '../../../netem/vm/links.ts';
import { netemBackend } from '../../../src/link/netem.ts';
import { childrenOf, until } from '../../helpers/processes.ts';

// `npm run test:netem-vm` tests the backend everywhere; this tells on machines that have netem themselves.
const found = await netemBackend.probe();
if (!found.available) process.stderr.write(`SKIPPED, no netem here: ${found.reason}. ${found.mend}\n`);

test.skipIf(!found.available)('delays each direction by itself, and counts what crossed', async () => {
  await over({ oneWayMs: { up: 10, down: 40 } }, async (open, route) => {
    const up = await datagrams(sidesOf(open, route, 'up'), 40, 5);
    const down = await datagrams(sidesOf(open, route, 'down'), 40, 5);
    const quickestMs = [up, down].map((caught) => Math.min(...caught.map(({ tookUs }) => tookUs)) / 1000);
    expect(quickestMs[0]).toBeGreaterThanOrEqual(10);
    expect(quickestMs[0]).toBeLessThan(12);
    expect(quickestMs[1]).toBeGreaterThanOrEqual(40);
    expect(quickestMs[1]).toBeLessThan(42);
    const traffic = (await open.traffic()).get('link');
    expect(traffic?.up).toMatchObject({ lost: 0, overflowed: 0 });
    expect(traffic?.up.packets).toBeGreaterThanOrEqual(40);
  });
});

test.skipIf(!found.available)('what it opened it closes', async () => {
  for (let cycle = 0; cycle < 3; cycle++) await over({ oneWayMs: 1 }, () => Promise.resolve());
  const holders = async (): Promise<number> =>
    (await childrenOf(process.pid)).filter(({ command }) => command.includes('netem.child')).length;
  await until('the last process is gone', async () => (await holders()) === 0);
  expect(await holders()).toBe(0);
});
