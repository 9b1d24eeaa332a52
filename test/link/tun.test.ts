import { expect, onTestFinished, test } from 'vitest';
import type { Flow } from '../../src/link/backend.ts';
import { calibrate } from '../../src/link/calibrate.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { childrenOf, until } from '../helpers/processes.ts';
import { hasTun } from '../helpers/tun.ts';

const here = await hasTun();

async function open(): Promise<{ link: Awaited<ReturnType<typeof tunBackend.open>>; flows: Flow[] }> {
  const flows: Flow[] = [];
  const link = await tunBackend.open({
    seed: 5,
    onFlow: (flow) => flows.push(flow),
    onCrash: (error) => {
      throw error;
    },
  });
  return { link, flows };
}

test.skipIf(!here)('delays each direction by itself, TCP handshake included', { retry: 2 }, async () => {
  const { link, flows } = await open();
  // Also when this attempt fails: what it leaves would be the next test's.
  onTestFinished(() => link.close());
  const asked = [
    resolveLink({ name: 'even', oneWayMs: 34 }),
    resolveLink({ name: 'uneven', oneWayMs: { up: 10, down: 50 } }),
  ];
  const found = await calibrate(link, asked);
  expect(found.get('even')?.calibrated).toBe(true);
  const { up, down, floor } = found.get('uneven') ?? {};
  expect((up?.delayMs.value ?? 0) - (floor?.upMs ?? 0)).toBeCloseTo(10, 0);
  expect((down?.delayMs.value ?? 0) - (floor?.downMs ?? 0)).toBeCloseTo(50, 0);
  await link.close();
  const uneven = flows.filter(({ linkId }) => linkId === 'uneven');
  expect(uneven.length).toBeGreaterThan(5);
  for (const { openedUs, acceptedUs = 0, flights, retransmitted } of uneven) {
    expect((acceptedUs - openedUs) / 1000).toBeGreaterThanOrEqual(9.9);
    expect(((flights[0]?.leavesUs ?? 0) - openedUs) / 1000).toBeGreaterThanOrEqual(59.9);
    expect(flights[0]?.from).toBe('client');
    expect(retransmitted).toBe(0);
  }
});

test.skipIf(!here)('what it opened it closes, again and again', async () => {
  for (let cycle = 0; cycle < 5; cycle++) {
    const { link } = await open();
    await link.close();
  }
  await until('the last process is gone', async () => (await tunProcesses()) === 0);
  expect(await tunProcesses()).toBe(0);
});

async function tunProcesses(): Promise<number> {
  const children = await childrenOf(process.pid);
  return children.filter(({ command }) => command.includes('tun.child')).length;
}
