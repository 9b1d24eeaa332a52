import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { callIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('writes a scenario that loads as it stands', async () => {
  const folder = temporaryFolder();
  expect(await callIn(folder, 'init')).toEqual({
    code: 0,
    stdout: 'scenario.yaml',
    stderr: 'Now change it, then: mqtt-tls-bench run scenario.yaml',
  });
  const scenario = await loadScenario(join(folder, 'scenario.yaml'));
  expect(scenario).toMatchObject({
    name: 'my-fleet',
    links: [{ id: 'reference' }, { id: 'null' }],
    rounds: 50,
  });
});

test('the link in its comments loads too, once it is no comment', async () => {
  const folder = temporaryFolder();
  await callIn(folder, 'init');
  const file = join(folder, 'scenario.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/^ {2}# (- name:| {2}oneWayMs:| {2}rateKbit:)/gm, '  $1'));
  const { links } = await loadScenario(file);
  expect(links[2]).toEqual({
    id: 'our-carrier',
    up: { delayMs: 120, jitterMs: 0, loss: 0, rateKbit: 62 },
    down: { delayMs: 90, jitterMs: 0, loss: 0, rateKbit: 26 },
  });
});

test('makes folders on the way, and never overwrites', async () => {
  const folder = temporaryFolder();
  expect((await callIn(folder, 'init', 'lab/fleet.yaml')).code).toBe(0);
  const before = readFileSync(join(folder, 'lab/fleet.yaml'), 'utf8');
  expect(await callIn(folder, 'init', 'lab/fleet.yaml')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: lab/fleet.yaml exists already, and init never overwrites\nName another file: mqtt-tls-bench init FILE.',
  });
  expect(readFileSync(join(folder, 'lab/fleet.yaml'), 'utf8')).toBe(before);
});

test('a place that cannot be written: exit code 2', async () => {
  const folder = temporaryFolder();
  await callIn(folder, 'init', 'file');
  const { code, stderr } = await callIn(folder, 'init', 'file/fleet.yaml');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: file\/fleet\.yaml cannot be written: /);
});
