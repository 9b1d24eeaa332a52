import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { nowUs } from '../../src/measure/clock.ts';

it('is microseconds of one clock, which all processes of the machine share', async () => {
  const module = fileURLToPath(new URL('../../src/measure/clock.ts', import.meta.url));
  const script = `import(${JSON.stringify(module)}).then(({ nowUs }) => console.log(nowUs()))`;
  const before = nowUs();
  const { stdout } = await execa(process.execPath, ['--eval', script]);
  const after = nowUs();
  expect(Number(stdout)).toBeGreaterThan(before);
  expect(Number(stdout)).toBeLessThan(after);
});

it('runs at the pace of a clock', async () => {
  // The other clock is read on both sides, since the machine may pause the process between two readings.
  const read = () => ({ beforeMs: performance.now(), us: nowUs(), afterMs: performance.now() });
  const from = read();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const to = read();
  const tookMs = (to.us - from.us) / 1000;
  expect(tookMs).toBeGreaterThan(to.beforeMs - from.afterMs - 0.1);
  expect(tookMs).toBeLessThan(to.afterMs - from.beforeMs + 0.1);
});
