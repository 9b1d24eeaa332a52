import { expect, test } from 'vitest';
import { requireCpuClock, threadCpuMs } from '../../src/micro/cpu-clock.ts';
import { Lockstep } from '../../src/micro/lockstep.ts';

function burn(ms: number): void {
  const end = threadCpuMs() + ms;
  while (threadCpuMs() < end);
}

test('the CPU clock of this machine is fine enough, runs while the thread works, and stands while it sleeps', async () => {
  expect(() => requireCpuClock()).not.toThrow();
  const steps = new Set(Array.from({ length: 2000 }, () => threadCpuMs()));
  // The account that Linux keeps by itself would show one or two values in as short a time.
  expect(steps.size).toBeGreaterThan(100);
  const asleep = threadCpuMs();
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  expect(threadCpuMs() - asleep).toBeLessThan(50);
});

test('an end pays for all that it does, also for what it puts off', async () => {
  const lockstep = new Lockstep();
  await lockstep.turn('client', () => burn(10));
  await lockstep.turn('broker', () => {
    setImmediate(() => process.nextTick(() => burn(30)));
  });
  expect(lockstep.clientMs).toBeGreaterThanOrEqual(10);
  expect(lockstep.clientMs).toBeLessThan(25);
  expect(lockstep.brokerMs).toBeGreaterThanOrEqual(30);
  await lockstep.close();
});

test('flights are carried in turn, whole, with their bytes', async () => {
  const lockstep = new Lockstep();
  const heard: string[] = [];
  lockstep.far.on('data', (bytes: Buffer) => {
    heard.push(`broker ${bytes.toString()}`);
    if (bytes.length > 2) lockstep.far.write('answer');
  });
  lockstep.near.on('data', (bytes: Buffer) => {
    heard.push(`client ${bytes.toString()}`);
    lockstep.near.write('ok');
  });
  await lockstep.turn('client', () => {
    lockstep.near.write('ques');
    lockstep.near.write('tion');
  });
  await lockstep.exchange();
  expect(heard).toEqual(['broker question', 'client answer', 'broker ok']);
  expect(lockstep.flights).toEqual([
    { from: 'client', bytes: 8 },
    { from: 'broker', bytes: 6 },
    { from: 'client', bytes: 2 },
  ]);
  await lockstep.close();
});

test('two ends that never stop are an error, not a hang', async () => {
  const lockstep = new Lockstep();
  for (const end of [lockstep.near, lockstep.far]) end.on('data', () => end.write('again'));
  lockstep.near.write('go');
  await expect(lockstep.exchange()).rejects.toThrow('never stop');
  await lockstep.close();
});
