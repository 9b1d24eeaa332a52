import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { nowUs } from '../../src/measure/clock.ts';
import { LoopWatch } from '../../src/process/loop-watch.ts';

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('LoopWatch', () => {
  it('sees a loop that was blocked for 50 ms, and when', async () => {
    const watch = new LoopWatch();
    await sleep(30);
    const fromUs = nowUs();
    block(50);
    const toUs = nowUs();
    await sleep(30);
    const { stalls, loopDelayP99Ms } = watch.read();
    const stall = stalls.find((stall) => stall.fromUs < toUs && stall.toUs > fromUs);
    expect(stall).toBeDefined();
    expect((stall?.toUs ?? 0) - (stall?.fromUs ?? 0)).toBeGreaterThan(49_000);
    expect(stall?.fromUs).toBeLessThanOrEqual(fromUs);
    expect(stall?.toUs).toBeGreaterThanOrEqual(toUs - 100);
    expect(loopDelayP99Ms).toBeGreaterThan(35);
  });

  it('sees a stall that is read before any timer came to run', () => {
    const watch = new LoopWatch();
    block(50);
    expect(watch.read().stalls).toHaveLength(1);
  });

  it('sees no stall in a loop that idles', async () => {
    // A busy machine stalls every process now and then; one quiet stretch is enough.
    const counts: number[] = [];
    for (let attempt = 0; attempt < 30 && !counts.includes(0); attempt++) {
      const watch = new LoopWatch();
      await sleep(100);
      counts.push(watch.read().stalls.length);
    }
    expect(counts).toContain(0);
  });

  it('forgets what was before a reset', () => {
    const watch = new LoopWatch();
    block(50);
    watch.reset();
    expect(watch.read()).toMatchObject({ stalls: [] });
    expect(watch.read().loopDelayP99Ms).toBeLessThan(30);
  });
});
