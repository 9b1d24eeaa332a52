import { expect, test } from 'vitest';
import { profileNames } from '../../src/link/profiles.ts';
import { cli } from '../helpers/cli.ts';

test('--json prints every profile with its source and the backends that can make it here', async () => {
  const { code, stdout, stderr } = await cli('links', '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const links = JSON.parse(stdout) as { name: string; source: string; backends: string[] }[];
  expect(links.map(({ name }) => name)).toEqual(profileNames());
  expect(links.filter(({ source }) => source === '')).toEqual([]);
  expect(links.find(({ name }) => name === 'reference')).toMatchObject({
    up: { delayMs: 34, jitterMs: 0, loss: 0 },
    down: { delayMs: 34, jitterMs: 0, loss: 0 },
    synthetic: false,
  });
  expect(links.find(({ name }) => name === 'reference')?.backends).toContain('proxy');
  // Bare loopback makes the null link and no other.
  expect(links.filter(({ backends }) => backends.includes('none')).map(({ name }) => name)).toEqual(['null']);
});

test('lists the profiles for people', async () => {
  const { code, stdout } = await cli('links');
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^link {11}one way, ms {2}jitter {2}loss {3}kbit\/s {6}made here by +source$/);
  expect(lines.find((line) => line.startsWith('nb-iot '))).toMatch(
    /^nb-iot {9}420 {10}±150 {4}0\.5 % {2}62 \/ 26 /,
  );
  expect(lines.find((line) => line.startsWith('edge-lossy'))).toMatch(/^edge-lossy {5}440 \/ 400 {12}1 %/);
});
