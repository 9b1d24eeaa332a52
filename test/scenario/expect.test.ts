import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectedOf } from '../../src/scenario/expect.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { toYaml } from '../../src/scenario/to-yaml.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const HEAD = `name: it
question: What is expected?
modes: [plain, tls13, { mode: tls13, chain: 3 }]
links: [{ name: near, oneWayMs: 10 }, null]
workload: { kind: handshake }
expect:
`;

async function load(lines: string): Promise<Scenario> {
  const file = join(temporaryFolder(), 'it.yaml');
  writeFileSync(file, HEAD + lines);
  return loadScenario(file);
}

/** What is wrong with it, without the folder's name. */
async function problems(lines: string): Promise<string[]> {
  const error: unknown = await load(lines).catch((thrown: unknown) => thrown);
  const { message, exitCode } = error as { message: string; exitCode: number };
  expect(exitCode).toBe(2);
  return message.split('\n').map((line) => line.replace(/^.*it\.yaml/, 'it.yaml'));
}

const EVERYTHING = `  failureBudget: 0
  trips: { all: theory, plain: 3, tls13: { connectReceived: 5, connackReceived: 6 } }
  bytes:
    all: { handshakeUp: 400 }
    tls13+chain=3: { handshakeUp: 400, handshakeDown: 2500 }
  negotiated:
    tls13: { protocol: TLSv1.3, suite: TLS_AES_128_GCM_SHA256, group: X25519, resumed: false, psk: false, brokerVerified: true, clientVerified: false }
  limits:
    - { mode: tls13, link: near, milestone: connackReceived, percentile: 95, maxMs: 80 }
    - { milestone: connectReceived, percentile: 99.5, maxMs: 300 }
`;

test('every expectation is taken, and written back the same', async () => {
  const scenario = await load(EVERYTHING);
  expect(scenario.expect).toMatchObject({ failureBudget: 0, trips: { all: 'theory', plain: 3 } });
  const file = join(temporaryFolder(), 'again.yaml');
  writeFileSync(file, toYaml(scenario));
  expect(await loadScenario(file)).toEqual(scenario);
});

test('what is not said is not expected, but for the failure budget', async () => {
  expect((await load('  trips: theory\n')).expect).toEqual({ failureBudget: 0.01, trips: 'theory' });
});

test('a mode’s own entry goes before that of all', async () => {
  const { expect: expected } = await load(EVERYTHING);
  expect(expectedOf(expected.bytes, 'tls13')).toEqual({ handshakeUp: 400 });
  expect(expectedOf(expected.bytes, 'tls13+chain=3')).toEqual({ handshakeUp: 400, handshakeDown: 2500 });
  expect(expectedOf(expected.negotiated, 'plain')).toBeUndefined();
});

test('faults are told by line and column', async () => {
  expect(
    await problems(`  trips: { plain: fast, tls13: { conackReceived: 6 } }
  bytes: { tls13: { handshakeDwon: 1500 } }
  negotiated: { all: { protocol: TLSv1.1 } }
  limits:
    - { milestone: connectReceived, percentile: 100, maxMs: 300 }
    - { milestone: connectRecieved, percentile: 50 }
`),
  ).toMatchInlineSnapshot(`
    [
      "it.yaml",
      "it.yaml:7:19: expect.trips.plain: expected theory, a number or a mapping, got "fast"",
      "it.yaml:7:34: expect.trips.tls13.conackReceived: unknown key, expected tcpAccepted, tcpConnected, serverHandshakeDone, clientHandshakeDone, refused, connectReceived, connackSent, connackReceived, subackReceived, publishReceived, delivered, pubackReceived, pubrecReceived, pubcompReceived or disconnected; did you mean "connackReceived"?",
      "it.yaml:8:21: expect.bytes.tls13.handshakeDwon: unknown key, expected handshakeUp or handshakeDown; did you mean "handshakeDown"?",
      "it.yaml:9:34: expect.negotiated.all.protocol: expected TLSv1.2 or TLSv1.3, got "TLSv1.1"; did you mean "TLSv1.2"?",
      "it.yaml:11:49: expect.limits.0.percentile: expected less than 100, got 100",
      "it.yaml:12:7: expect.limits.1.maxMs: missing, expected a number",
      "it.yaml:12:20: expect.limits.1.milestone: expected tcpAccepted, tcpConnected, serverHandshakeDone, clientHandshakeDone, refused, connectReceived, connackSent, connackReceived, subackReceived, publishReceived, delivered, pubackReceived, pubrecReceived, pubcompReceived or disconnected, got "connectRecieved"; did you mean "connectReceived"?",
    ]
  `);
});

test('modes and links that the scenario does not have are faults: nobody would spend their budgets', async () => {
  expect(
    await problems(`  trips: { tls12: 7 }
  bytes: { tls13+chain=2: { handshakeUp: 1 } }
  negotiated: { tsl13: { psk: false } }
  limits:
    - { mode: mtls13, link: far, milestone: connectReceived, percentile: 50, maxMs: 300 }
`),
  ).toMatchInlineSnapshot(`
    [
      "it.yaml",
      "it.yaml:7:12: expect.trips.tls12: the scenario has no such mode, expected plain, tls13, tls13+chain=3 or all; did you mean "tls13"?",
      "it.yaml:8:12: expect.bytes.tls13+chain=2: the scenario has no such mode, expected plain, tls13, tls13+chain=3 or all; did you mean "tls13+chain=3"?",
      "it.yaml:9:17: expect.negotiated.tsl13: the scenario has no such mode, expected plain, tls13, tls13+chain=3 or all; did you mean "tls13"?",
      "it.yaml:11:15: expect.limits.0.mode: the scenario has no such mode, expected plain, tls13 or tls13+chain=3, got "mtls13"; did you mean "tls13"?",
      "it.yaml:11:29: expect.limits.0.link: the scenario has no such link, expected near or null, got "far"; did you mean "near"?",
    ]
  `);
});

test('where options choose other modes or links, what is expected of the rest is left out', async () => {
  const file = join(temporaryFolder(), 'it.yaml');
  writeFileSync(file, HEAD + EVERYTHING);
  const set = ['modes=[tls13]', 'links=[{ name: far, oneWayMs: 30 }]'];
  const scenario = await loadScenario(file, { set });
  expect(scenario.expect).toMatchObject({
    trips: { all: 'theory', tls13: { connectReceived: 5, connackReceived: 6 } },
    bytes: { all: { handshakeUp: 400 } },
    limits: [{ milestone: 'connectReceived', percentile: 99.5, maxMs: 300 }],
  });
  expect(Object.keys(scenario.expect.bytes ?? {})).toEqual(['all']);
  expect(Object.keys(scenario.expect.trips ?? {})).toEqual(['all', 'tls13']);
  // What an option itself expects of no mode is a fault all the same.
  await expect(loadScenario(file, { set: [...set, 'expect.bytes.tls12.handshakeUp=1'] })).rejects.toThrow(
    /--set expect\.bytes\.tls12\.handshakeUp=1: expect\.bytes\.tls12: the scenario has no such mode/,
  );
});

test('what is expected of connections is a fault where the scenario opens none by itself, or left out where options chose so', async () => {
  const file = join(temporaryFolder(), 'it.yaml');
  const load = `name: it
question: What is expected?
modes: [tls13]
links: [null]
workload: { kind: pubsub }
expect: { trips: theory, bytes: { all: { handshakeUp: 1 } }, failureBudget: 0.5 }
`;
  writeFileSync(file, load);
  await expect(loadScenario(file)).rejects.toThrow(
    /it\.yaml:6:11: expect\.trips: no workload of the scenario is a handshake, .*\n.*it\.yaml:6:26: expect\.bytes: no workload/,
  );
  writeFileSync(file, load.replace('pubsub', 'handshake'));
  expect((await loadScenario(file)).expect).toMatchObject({ trips: 'theory' });
  const chosen = await loadScenario(file, { set: ['workload={ kind: pubsub }'] });
  expect(chosen.expect).toEqual({ failureBudget: 0.5 });
});
