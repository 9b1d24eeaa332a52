import { expect, test } from 'vitest';
import { cli } from '../helpers/cli.ts';

interface Document {
  backend: string;
  links: {
    id: string;
    calibrated: boolean;
    requested: { up: { delayMs: number } };
    up: { delayMs: { value: number; low: number; high: number; count: number } };
  }[];
}

test('measures the links that are asked for, and prints them as one document', async () => {
  const { code, stdout, stderr } = await cli('calibrate', 'reference', 'lan', '--backend', 'proxy', '--json');
  const { backend, links } = JSON.parse(stdout) as Document;
  expect(backend).toBe('proxy');
  expect(stderr).toContain('proxy: asked for');
  expect(links.map(({ id }) => id)).toEqual(['reference', 'lan']);
  const [reference] = links;
  expect(reference?.requested.up.delayMs).toBe(34);
  expect(reference?.up.delayMs.value).toBeGreaterThan(34);
  expect(reference?.up.delayMs.count).toBeGreaterThanOrEqual(40);
  // On a busy machine a link may really be off; then the exit code says so.
  expect(code).toBe(links.every(({ calibrated }) => calibrated) ? 0 : 5);
});

test('prints a table and a sentence for each link', { retry: 2 }, async () => {
  const { code, stdout } = await cli('calibrate', '--backend', 'proxy');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^reference +up +34 +34\.\d\d \[3[34]\.\d\d, 3\d\.\d\d\]/m);
  expect(stdout).toContain('✓ reference is as asked');
  expect(stdout).toContain('Connecting is modelled, the first byte 10');
});

test('an unknown link, and a link that the backend cannot make, are told as such', async () => {
  const unknown = await cli('calibrate', 'refrence');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain("Did you mean 'reference'?");
  const unable = await cli('calibrate', 'reference', '--backend', 'none');
  expect(unable.code).toBe(5);
  expect(unable.stderr).toContain("The 'none' backend cannot reproduce the link 'reference'");
});
