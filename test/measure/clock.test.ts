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
  const fromUs = nowUs();
  const fromMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((nowUs() - fromUs) / 1000).toBeCloseTo(performance.now() - fromMs, 0);
});
