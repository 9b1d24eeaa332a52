import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { BACKENDS } from '../../src/link/backends.ts';
import { profile, profileNames } from '../../src/link/profiles.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { callIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const OWN =
  'our-burst: { oneWayMs: 40, burstLoss: { p: 0.01, r: 0.25 }, reorder: 0.01, description: Ours, source: measured }\n';

/** What `links NAME` prints, asked once: each time it tries what can make links here. */
const pages = new Map<string, ReturnType<typeof callIn>>();
function pageOf(name: string): ReturnType<typeof callIn> {
  const page = pages.get(name) ?? callIn('.', 'links', name);
  pages.set(name, page);
  return page;
}

function folderWith(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'own.yaml'), text);
  return folder;
}

test('--json prints every profile with its source and the backends that can make it here', async () => {
  const { code, stdout, stderr } = await callIn('.', 'links', '--json');
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
  const { code, stdout } = await callIn('.', 'links');
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^link {11}one way, ms {2}jitter {2}loss {3}kbit\/s {6}made here by +source$/);
  expect(lines.find((line) => line.startsWith('nb-iot '))).toMatch(
    /^nb-iot {9}420 {10}±150 {4}0\.5 % {2}62 \/ 26 /,
  );
  expect(lines.find((line) => line.startsWith('edge-lossy'))).toMatch(/^edge-lossy {5}440 \/ 400 {12}1 %/);
  expect(stdout).not.toMatch(/burst loss|reordered|duplicated/);
});

test('NAME describes one link: figures, source, what can make it and why others cannot', async () => {
  const { code, stdout, stderr } = await pageOf('nb-iot');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^nb-iot: NB-IoT \(Cat-NB1\) with good coverage\n/);
  expect(stdout).toMatch(
    /\n {3}rate {2,}62 kbit\/s {2,}26 kbit\/s\n {3}1,500 bytes take {2,}194 ms {2,}462 ms\n/,
  );
  expect(stdout).toContain(profile('nb-iot').source);
  expect(stdout).toContain('Synthetic in part');
  for (const { name } of BACKENDS) expect(stdout).toMatch(new RegExp(`^ {3}${name} +(yes|no) +\\S`, 'm'));
  expect(stdout).toMatch(/^ {3}none +no +it puts nothing between client and broker/m);
  expect((await pageOf('null')).stdout).not.toMatch(/jitter|^ +rate|bytes take|Synthetic/m);
});

test.each(['nb-iot', 'edge-lossy', 'null'])(
  'what NAME says to write for %s loads to that link',
  async (name) => {
    const { stdout } = await pageOf(name);
    const [, byName = '', spelledOut = ''] = stdout.split(/In a scenario\n|or spelled out.*\n/);
    const folder = temporaryFolder();
    for (const text of [byName, spelledOut]) {
      const file = join(folder, 'it.yaml');
      const rest = { name: 'it', question: 'q?', modes: ['plain'], workload: { kind: 'handshake' } };
      writeFileSync(file, JSON.stringify({ ...rest, ...(parse(text) as object) }));
      const { id, up, down } = profile(name);
      expect((await loadScenario(file)).links).toEqual([{ id, up, down }]);
    }
  },
);

test('NAME --json prints that link alone', async () => {
  const { stdout } = await callIn('.', 'links', 'lte-m', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'lte-m',
    up: { delayMs: 50, jitterMs: 15, rateKbit: 100 },
  });
});

test('a name that there is not: the nearest, and exit code 2', async () => {
  const { code, stdout, stderr } = await callIn('.', 'links', 'nb-iott');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/There is no link profile 'nb-iott'\nDid you mean 'nb-iot'\?/);
});

test('--profiles lists profiles of the user’s own beside the shipped ones, with the columns that they need', async () => {
  const folder = folderWith(OWN);
  const { code, stdout } = await callIn(folder, 'links', '--profiles', 'own.yaml');
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/ loss {2,}burst loss {2,}reordered {2,}kbit\/s {2,}made here by /);
  expect(lines.find((line) => line.startsWith('our-burst'))).toMatch(
    /^our-burst +40 +3\.8 % in spells of 4 +1 % .*measured$/,
  );
  const one = await callIn(folder, 'links', 'our-burst', '--profiles', 'own.yaml');
  expect(one.stdout).toContain('loss in bursts            3.8 % in spells of 4 packets');
  expect(one.stdout).toContain('A profile of your own, in own.yaml.');
  expect(one.stdout).toContain('  linkProfiles: own.yaml\n  links:\n    - our-burst\n');
  const json = await callIn(folder, 'links', 'our-burst', '--profiles', 'own.yaml', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ name: 'our-burst', file: 'own.yaml', source: 'measured' });
});

test('--profiles says where a file of the user’s own is wrong: exit code 2', async () => {
  const folder = folderWith(`${OWN}nb-iot: { oneWayMs: 1, description: d, source: s }\n`);
  const { code, stdout, stderr } = await callIn(folder, 'links', '--profiles', 'own.yaml');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('own.yaml:2:1: nb-iot: a profile that comes with the tool has this name already');
  const missing = await callIn(folder, 'links', '--profiles', 'owm.yaml');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('owm.yaml: there is no such file, expected a file of link profiles');
});
