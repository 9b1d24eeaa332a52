import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BenchError } from '../../src/errors.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { toYaml } from '../../src/scenario/to-yaml.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function having(links: string): string {
  return `name: ours\nquestion: Does it load?\nmodes: [plain]\nworkload: { kind: handshake }\n${links}\n`;
}

/** What is told of a scenario that cannot be loaded, without the folder's name. */
async function complaintOf(file: string, folder: string): Promise<string> {
  const error: unknown = await loadScenario(file).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(BenchError);
  const { exitCode, message } = error as BenchError;
  expect(exitCode).toBe(2);
  return message.replaceAll(`${folder}/`, '');
}

test('names of a file of the user’s own stand in links beside the shipped ones', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'deep'));
  writeFileSync(
    join(folder, 'deep', 'ours.yaml'),
    'our-lte: { rttMs: 80, loss: 0.25, description: Ours, source: measured }\n',
  );
  const file = join(folder, 'it.yaml');
  writeFileSync(file, `${having('links: [lan, our-lte]')}linkProfiles: deep/ours.yaml\n`);
  const ours = { delayMs: 40, jitterMs: 0, loss: 0.25 };
  const scenario = await loadScenario(file);
  expect(scenario.links).toEqual([
    expect.objectContaining({ id: 'lan' }),
    { id: 'our-lte', up: ours, down: ours },
  ]);

  // What is saved of a run needs the file no more.
  const resolved = toYaml(scenario);
  expect(resolved).not.toContain('linkProfiles');
  const saved = join(temporaryFolder(), 'scenario.yaml');
  writeFileSync(saved, resolved);
  expect((await loadScenario(saved)).links).toEqual(scenario.links);

  writeFileSync(file, having('links: [our-lte]'));
  const list = await loadScenario(file, { set: ['linkProfiles=[deep/ours.yaml]'] });
  expect(list.links.map(({ id }) => id)).toEqual(['our-lte']);
});

test('what is wrong is told where it stands', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'it.yaml');
  const ours = join(folder, 'ours.yaml');
  const complain = (): Promise<string> => complaintOf(file, folder);
  writeFileSync(file, `${having('links: [our-ltee]')}linkProfiles: [ours.yaml]\n`);
  expect(await complain()).toBe(
    'it.yaml:6:16: linkProfiles.0: ours.yaml: there is no such file, expected a file of link profiles',
  );
  writeFileSync(ours, 'our-lte: { rttMs: -80, description: Ours, source: measured }\n');
  expect(await complain()).toMatch(
    /^The link profiles are not valid\nours\.yaml:1:19: our-lte: rttMs: Too small/,
  );
  writeFileSync(ours, 'lan: { rttMs: 80, description: Ours, source: measured }\n');
  expect(await complain()).toMatch(
    /\nours\.yaml:1:1: lan: a profile that comes with the tool has this name already/,
  );
  writeFileSync(ours, 'our-lte: { rttMs: 80, description: Ours, source: measured }\n');
  expect(await complain()).toMatch(
    /^it\.yaml:5:9: links\.0: expected null, .*, our-lte or a mapping, got "our-ltee"; did you mean "our-lte"\?$/,
  );
  writeFileSync(file, `${having('links: [our-lte]')}linkProfiles: [ours.yaml, ours.yaml]\n`);
  expect(await complain()).toMatch(
    /^it\.yaml:6:27: linkProfiles\.1: ours\.yaml stands in this list a second time/,
  );
  writeFileSync(file, `${having('links: [our-lte]')}linkProfiles: 5\n`);
  expect(await complain()).toMatchInlineSnapshot(`
    "2 problems in it.yaml
    it.yaml:5:9: links.0: expected null, lan, reference, wifi, transatlantic, 5g, lte, 4g, 3g, 3g-slow, 2g, edge, edge-lossy, 2g-rural, geo-satellite, leo-satellite, lte-m, nb-iot, nb-iot-poor or a mapping, got "our-lte"
    it.yaml:6:15: linkProfiles: expected a string or a list, got 5"
  `);
});
