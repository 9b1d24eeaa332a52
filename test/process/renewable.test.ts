import { onTestFinished, expect, test } from 'vitest';
import { startChild } from '../../src/process/child.ts';
import { renewable, renewalOf, type RenewableChild } from '../../src/process/renewable.ts';
import { echoProtocol } from './fixtures/echo.protocol.ts';
import { alive } from '../helpers/processes.ts';

async function start(crashes: Error[]): Promise<RenewableChild<typeof echoProtocol>> {
  const one = () =>
    startChild(echoProtocol, {
      module: new URL('./fixtures/echo.child.ts', import.meta.url),
      onCrash: (error) => crashes.push(error),
    });
  const child = renewable(await one(), one);
  onTestFinished(() => child.stop());
  return child;
}

test('another process takes the place of the first, which is gone, and what that used stays counted', async () => {
  const crashes: Error[] = [];
  const child = await start(crashes);
  const first = child.pid;
  const { cpuSeconds } = await child.usage();
  expect(cpuSeconds).toBeGreaterThan(0);
  const { endedUs, readyUs } = await child.renew();
  expect(readyUs).toBeGreaterThan(endedUs);
  expect(child.pid).not.toBe(first);
  expect(alive([first, child.pid])).toEqual([child.pid]);
  // A new process has used next to nothing by itself.
  expect((await child.usage()).cpuSeconds).toBeGreaterThanOrEqual(cpuSeconds);
  expect(await child.memory()).toBeGreaterThan(1e7);
  // To be renewed is no crash.
  expect(crashes).toEqual([]);
});

test('several that were renewed were away from the first end until the last was ready', () => {
  expect(
    renewalOf([
      { endedUs: 5, readyUs: 9 },
      { endedUs: 3, readyUs: 7 },
    ]),
  ).toEqual({ endedUs: 3, readyUs: 9 });
});
