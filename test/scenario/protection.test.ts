import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { METHOD_NAMES } from '../../src/payload/index.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { interleave, makePairedPlan, partnerOf } from '../../src/scenario/paired.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { toYaml } from '../../src/scenario/to-yaml.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { complaint, having, load } from './loading.ts';

const withLoad = (keys: string): string => having(`workload: { kind: pubsub, ${keys} }`);
const LIST = 'protection: [none, hmac-sha256, { method: aes-128-gcm, place: client-to-broker }]';

describe('protection', () => {
  test('multiplies to workloads, named by method and place; none keeps the old name', async () => {
    const scenario = await load(withLoad(LIST));
    expect(scenario.workloads.map((workload) => 'protection' in workload && workload.protection)).toEqual([
      false,
      { method: 'hmac-sha256', place: 'end-to-end' },
      { method: 'aes-128-gcm', place: 'client-to-broker' },
    ]);
    expect(makePlan(scenario).cells.map(({ id }) => id)).toEqual([
      'plain/reference/aedes/direct/pubsub',
      'tls13/reference/aedes/direct/pubsub',
      'plain/reference/aedes/direct/pubsub+protection=hmac-sha256',
      'tls13/reference/aedes/direct/pubsub+protection=hmac-sha256',
      'plain/reference/aedes/direct/pubsub+protection=aes-128-gcm@client-to-broker',
      'tls13/reference/aedes/direct/pubsub+protection=aes-128-gcm@client-to-broker',
    ]);
  });

  test('without it a workload resolves to what it did before there was any', async () => {
    const [bare] = (await load(withLoad('qos: 1'))).workloads;
    expect(bare).not.toHaveProperty('protection');
    expect(bare).not.toHaveProperty('tamper');
    expect((await load(withLoad('qos: 1, protection: none, tamper: 0'))).workloads).toEqual([bare]);
  });

  test('each method is one that a scenario may ask for', async () => {
    const { workloads } = await load(withLoad(`protection: [${METHOD_NAMES.join(', ')}]`));
    expect(workloads).toHaveLength(METHOD_NAMES.length);
  });

  test('is written out so that it can be run again', async () => {
    const scenario = await load(withLoad('protection: [aes-cmac, { method: rsa-oaep }], tamper: 0.01'));
    const file = join(temporaryFolder(), 'scenario.yaml');
    writeFileSync(file, toYaml(scenario));
    expect(await loadScenario(file)).toEqual(scenario);
    expect(scenario.workloads).toMatchObject([{ tamper: 0.01 }, { tamper: 0.01 }]);
  });

  test('methods take turns in one phase; other loads have phases of their own', async () => {
    const turns = makePlan(await load(withLoad(LIST))).phases;
    expect(turns.map(({ cells }) => cells.length)).toEqual([6]);
    const orders = await Promise.all(
      [1, 2, 3, 4].map(async (seed) => {
        const plan = makePlan(await load(withLoad(LIST), [`seed=${seed}`]));
        return plan.phases[0]?.cells.map(({ index }) => index).join();
      }),
    );
    expect(new Set(orders).size).toBeGreaterThan(1);
    const apart = makePlan(
      await load(
        having(
          'workload: [{ kind: pubsub, protection: [none, md5] }, { kind: pubsub, qos: 1, protection: md5 }]',
        ),
      ),
    );
    expect(apart.phases.map(({ cells }) => cells.length)).toEqual([4, 2]);
    expect(new Set(apart.cells.map(({ workloadId }) => workloadId))).toEqual(
      new Set(['pubsub', 'pubsub+protection=md5', 'pubsub+protection=md5-2']),
    );
  });
});

test('a paired run holds a protected load against an unprotected one', async () => {
  const baseline = await load(withLoad('protection: none'));
  const candidate = await load(withLoad('protection: { method: aes-128-gcm, place: client-to-broker }'));
  const { cells } = interleave(makePairedPlan(baseline, candidate));
  expect(cells.map(({ id }) => id)).toEqual([
    'baseline:plain/reference/aedes/direct/pubsub',
    'baseline:tls13/reference/aedes/direct/pubsub',
    'candidate:plain/reference/aedes/direct/pubsub+protection=aes-128-gcm@client-to-broker',
    'candidate:tls13/reference/aedes/direct/pubsub+protection=aes-128-gcm@client-to-broker',
  ]);
  const out = { mode: 'plain', workload: 'pubsub+protection=aes-128-gcm@client-to-broker' };
  expect(partnerOf(out, candidate, baseline)).toEqual({ mode: 'plain', workload: 'pubsub' });
});

describe('a scenario whose protection is wrong is told where', () => {
  test('an unknown method, with the nearest name', async () => {
    expect(await complaint(withLoad('protection: aes-128-gmc'))).toMatch(
      /^it\.yaml:5:39: workload\.protection: expected none, crc32, .*got "aes-128-gmc"; did you mean "aes-128-gcm"\?$/,
    );
    expect(await complaint(withLoad('protection: [none, hmac-sha265]'))).toMatch(
      /^it\.yaml:5:46: workload\.protection\.1: .*did you mean "hmac-sha256"\?$/,
    );
    expect(await complaint(withLoad('protection: { method: ed25591 }'))).toMatch(
      /^it\.yaml:5:49: workload\.protection\.method: .*did you mean "ed25519"\?$/,
    );
  });

  test.each([
    [
      'an unknown place',
      'protection: { method: md5, place: broker }',
      /protection\.place: expected end-to-end or client-to-broker, got "broker"/,
    ],
    [
      'an unknown key',
      'protection: { method: md5, plase: end-to-end }',
      /plase: unknown key, expected method or place; did you mean "place"\?/,
    ],
    ['no method', 'protection: { place: end-to-end }', /protection\.method: missing, expected crc32/],
    [
      'one twice',
      'protection: [md5, { method: md5 }]',
      /protection\.1: md5 stands in this list a second time \(first as item 0\)/,
    ],
    ['none at all', 'protection: []', /protection: expected at least 1 item/],
    [
      'tampering with what is not protected',
      'tamper: 0.1',
      /tamper: nobody tells an altered message .* expected `protection` beside it/,
    ],
    [
      'tampering with none among others',
      'protection: [none, md5], tamper: 0.1',
      /tamper: nobody tells .*`none` needs a workload of its own/,
    ],
    ['too much tampering', 'protection: md5, tamper: 0.9', /tamper: expected at most 0\.5, got 0\.9/],
    [
      'a payload too small for its head',
      'protection: md5, payloadBytes: 23',
      /payloadBytes: expected at least 24, got 23/,
    ],
    [
      'a payload too large once it is protected',
      'protection: [md5, rsa-oaep], payloadBytes: 1048400',
      /payloadBytes: rsa-oaep adds 283 bytes, expected at most 1048576 with them, got 1048683/,
    ],
  ])('%s', async (_, keys, message) => {
    const told = await complaint(withLoad(keys));
    expect(told).toMatch(/^it\.yaml:5:\d+: workload\./);
    expect(told).toMatch(message);
  });

  test('tampering with another workload is no key of it', async () => {
    expect(await complaint(having('workload: { kind: handshake, tamper: 0.1 }'))).toMatch(
      /tamper: unknown key/,
    );
  });
});
