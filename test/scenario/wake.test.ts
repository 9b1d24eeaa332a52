import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { toYaml } from '../../src/scenario/to-yaml.ts';
import { cli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { complaint, having, load } from './loading.ts';

const OURS =
  '{ name: ours, transmitMw: 300, receiveMw: 100, listenMw: 90, sleepMw: 0.1, rateKbit: { up: 50, down: 50 }, source: measured }';

test('wake-ups are laid out as handshakes are: every round has one of every cell', async () => {
  const scenario = await load(having('workload: { kind: wake, qos: 2 }'));
  expect(scenario.workloads).toMatchObject([
    { kind: 'wake', qos: 2, messagesPerWake: 1, keepAliveSeconds: [60], intervalSeconds: 900 },
  ]);
  const [phase] = makePlan({ ...scenario, rounds: 4, warmupRounds: 1 }).phases;
  expect(phase?.kind).toBe('wake');
  const arrivals = phase !== undefined && 'arrivals' in phase ? phase.arrivals : [];
  expect(arrivals).toHaveLength(2 * 5);
  for (const round of [0, 1, 2, 3, 4])
    expect(
      arrivals
        .filter((one) => one.round === round)
        .map(({ cell }) => cell)
        .toSorted((a, b) => a - b),
    ).toEqual([0, 1]);
});

test('radios by name and of one’s own are spelled out, and what is saved of a run loads to the same', async () => {
  const scenario = await load(having(`workload: { kind: wake, radios: [nb-iot, ${OURS}] }`));
  const [workload] = scenario.workloads;
  expect(workload).toMatchObject({
    radios: [
      {
        name: 'nb-iot',
        transmitMw: 545,
        sleepMw: 0.015,
        source: expect.stringContaining('TR 45.820') as string,
      },
      { name: 'ours', transmitMw: 300, synthetic: false },
    ],
  });
  const saved = join(temporaryFolder(), 'scenario.yaml');
  writeFileSync(saved, toYaml(scenario));
  expect((await loadScenario(saved)).workloads).toEqual(scenario.workloads);
});

test('what is wrong is told where it stands', async () => {
  expect(await complaint(having('workload: { kind: wake, qos: 3 }'))).toMatch(
    /^it\.yaml:5:30: workload\.qos: expected 0, 1 or 2, got 3$/,
  );
  expect(await complaint(having('workload: { kind: wake, radios: [nbiot] }'))).toMatch(
    /^it\.yaml:5:34: workload\.radios\.0: expected nb-iot, lte-m, .* or a mapping.*, got "nbiot"; did you mean "nb-iot"\?$/,
  );
  expect(await complaint(having('workload: { kind: wake, radios: nb-iot }'))).toContain(
    'a list of one is written [nb-iot]',
  );
  expect(await complaint(having('workload: { kind: wake, radios: [wifi, lte-m, wifi] }'))).toBe(
    'it.yaml:5:47: workload.radios.2: wifi stands in this list a second time (first as item 0), expected each name once',
  );
  expect(
    await complaint(having(`workload: { kind: wake, radios: [${OURS.replace('up: 50', 'up: -50')}] }`)),
  ).toMatch(/^it\.yaml:5:\d+: workload\.radios\.0\.rateKbit\.up: expected more than 0, got -50$/);
  expect(
    await complaint(having(`workload: { kind: wake, radios: [${OURS.replace('source', 'sauce')}] }`)),
  ).toMatch(/radios\.0\.source: missing, expected a string|radios\.0\.sauce: unknown key/);
  expect(
    await complaint(having('workload: { kind: wake, messagesPerWake: 0, keepAliveSeconds: [0] }')),
  ).toMatch(
    /2 problems.*messagesPerWake: expected at least 1, got 0.*keepAliveSeconds\.0: expected at least 1, got 0/s,
  );
});

test('the command ends with exit code 2, and says line and column', async () => {
  const file = join(temporaryFolder(), 'it.yaml');
  writeFileSync(file, having('workload: { kind: wake, radios: [lora] }'));
  const { code, stderr } = await cli('run', file, '--dry-run');
  expect(code).toBe(2);
  expect(stderr).toMatch(/it\.yaml:5:34: workload\.radios\.0: expected nb-iot, /);
});
