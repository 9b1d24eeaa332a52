import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const MIB = 2 ** 20;

/** How much a process grew by what it holds, whose semi-spaces are at most so large. */
async function grownBytes(count: number, semiSpaceMib: number): Promise<number> {
  const fixture = fileURLToPath(new URL('fixtures/held.ts', import.meta.url));
  const { stdout } = await execa(process.execPath, [
    `--max-semi-space-size=${semiSpaceMib}`,
    fixture,
    String(count),
  ]);
  return (JSON.parse(stdout) as { grownBytes: number }).grownBytes;
}

test('what a process holds is told alike, whatever room it has for garbage', async () => {
  const [little, much] = [await grownBytes(100_000, 1), await grownBytes(100_000, 16)];
  // 20 numbers, an array, an object and a string each.
  expect(little).toBeGreaterThan(20 * MIB);
  expect(Math.abs(much - little)).toBeLessThan(6 * MIB);
});
