import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { nowUs } from '../../src/measure/clock.ts';
import { Pacer } from '../../src/swarm/pacer.ts';

/** Fires `count` items, `everyUs` apart, from `fromUs` on; answers when each really fired. */
async function pace(
  pacer: Pacer,
  count: number,
  fromUs: number,
  everyUs: number,
): Promise<Map<number, number>> {
  const firedUs = new Map<number, number>();
  await pacer.run(
    (index) => (index < count ? fromUs + index * everyUs : undefined),
    (index) => firedUs.set(index, nowUs()),
  );
  return firedUs;
}

describe('Pacer', () => {
  // Again when the machine was busy with something else: no pacer can be on time then.
  it('fires every item in order, at its time and never before', { retry: 5 }, async () => {
    const fromUs = nowUs() + 20_000;
    const fired = await pace(new Pacer(), 200, fromUs, 5000);
    expect([...fired.keys()]).toEqual(Array.from({ length: 200 }, (_, index) => index));
    const lateUs = [...fired].map(([index, atUs]) => atUs - (fromUs + index * 5000));
    expect(Math.min(...lateUs)).toBeGreaterThanOrEqual(0);
    expect(lateUs.toSorted((a, b) => a - b)[100]).toBeLessThan(500);
  });

  it('fires what is overdue at once, and none is skipped', async () => {
    const startUs = nowUs();
    const fired = await pace(new Pacer(), 100, startUs - 10_000_000, 50_000);
    expect(fired.size).toBe(100);
    // At their own distance they would take five seconds.
    expect(nowUs() - startUs).toBeLessThan(2_000_000);
  });

  it('lets I/O be served while it catches up, and can be stopped then', async () => {
    const pacer = new Pacer();
    const fired: number[] = [];
    const servedAt: number[] = [];
    const dueUs = nowUs() - 10_000_000;
    await pacer.run(
      (index) => (index < 100_000 ? dueUs : undefined),
      (index) => {
        fired.push(index);
        if (index > 0) return;
        const serve = (): void => {
          servedAt.push(fired.length);
          if (servedAt.length < 10) setImmediate(serve);
          else pacer.stop();
        };
        setImmediate(serve);
      },
    );
    expect(servedAt).toHaveLength(10);
    expect(fired.length).toBeLessThan(2000);
  });

  it('stops in the middle of a long wait, and starts nothing more', async () => {
    const pacer = new Pacer();
    const startMs = performance.now();
    const fired = pace(pacer, 3, nowUs() + 20_000, 60_000_000);
    await sleep(100);
    pacer.stop();
    expect((await fired).size).toBe(1);
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect((await pace(pacer, 3, nowUs(), 0)).size).toBe(0);
  });
});
