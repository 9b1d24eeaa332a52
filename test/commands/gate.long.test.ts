import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gateSchema, type Gate } from '../../src/gate/gate.ts';
import { cliIn } from '../helpers/cli.ts';

const SCENARIO = `name: near
question: Does it hold?
modes: [plain, tls13, tls13-psk]
links: [{ name: near, oneWayMs: 20 }, null]
workload: { kind: handshake, connectionsPerSecond: 40, timeoutMs: 3000 }
rounds: 24
warmupRounds: 2
expect:
  bytes:
    tls13: { handshakeUp: 400, handshakeDown: 1500 }
    tls13-psk: { handshakeUp: 400, handshakeDown: 600 }
  negotiated:
    tls13: { protocol: TLSv1.3, psk: false, brokerVerified: true }
    tls13-psk: { protocol: TLSv1.3, psk: true, brokerVerified: false }
`;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
  writeFileSync(join(folder, 'near.yaml'), SCENARIO);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const QUICK = ['--backend', 'proxy', '--allow-uncalibrated', '--json'];

async function gate(...args: string[]): Promise<{ code: number | undefined; stderr: string; gate: Gate }> {
  const { code, stdout, stderr } = await cliIn(folder, 'gate', ...args);
  return { code, stderr, gate: gateSchema.parse(JSON.parse(stdout)) };
}

function setting(...values: string[]): string[] {
  return values.flatMap((value) => ['--set', value]);
}

function failing({ checks }: Gate): string[] {
  return checks.flatMap(({ passed, expectation, cell, what }) =>
    passed ? [] : [`${expectation} ${what} ${cell.split('/').slice(0, 2).join('/')}`],
  );
}

test('a scenario is run and then checked: exit code 0, one document on stdout, a whole run folder', async () => {
  const found = await gate('near.yaml', '--out', 'good', ...QUICK);
  expect(failing(found.gate)).toEqual([]);
  expect(found.code).toBe(0);
  expect(found.gate.checks.length).toBe(1 + 8 + 12 + 6);
  expect(found.stderr).toContain('good/report.html');
  expect(readFileSync(join(folder, 'good/summary.md'), 'utf8')).toContain('Does it hold?');
});

test('a run folder is checked by what its scenario expected', async () => {
  const { code, stdout, stderr } = await cliIn(folder, 'gate', 'good');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // On a busy machine a link may not be what was asked for, which is said.
  expect(stdout).toMatch(/^The gate holds: all of 27 expectations\.(\n\n! The link |$)/);
});

test('bytes over budget and parameters that are others: exit code 3, each named', async () => {
  const tight = [
    '--set',
    'expect.bytes.tls13.handshakeDown=1000',
    '--set',
    'expect.negotiated.tls13.psk=true',
  ];
  const found = await gate('near.yaml', '--out', 'tight', ...QUICK, ...tight);
  expect(found.code).toBe(3);
  expect(failing(found.gate)).toEqual([
    'bytes handshakeDown tls13/near',
    'bytes handshakeDown tls13/null',
    'negotiated psk tls13/near',
    'negotiated psk tls13/null',
  ]);
  const { code, stdout } = await cliIn(folder, 'gate', 'tight');
  expect(code).toBe(3);
  expect(stdout).toMatch(/^The gate fails: 4 of 27 expectations\.\n\n/);
  expect(stdout).toMatch(/^tls13\/near +bytes handshakeDown +at most 1000 +\d{4} +fails$/m);
});

test('trips that nobody could infer: exit code 3', async () => {
  const found = await gate(
    'near.yaml',
    '--out',
    'no-null',
    ...QUICK,
    ...setting('expect={ trips: theory }', 'links=[{ oneWayMs: 20 }]'),
  );
  expect(found.code).toBe(3);
  expect(failing(found.gate)).toEqual([
    'trips connectReceived plain/20ms',
    'trips connectReceived tls13/20ms',
    'trips connectReceived tls13-psk/20ms',
  ]);
  expect(found.gate.confirmation?.confirmed).toHaveLength(3);
});

test('files may be written into the run folder that is yet to be made', async () => {
  const found = await gate('near.yaml', '--out', 'with', '--write', 'junit=with/junit.xml', ...QUICK);
  expect(found.code).toBe(0);
  expect(readFileSync(join(folder, 'with/junit.xml'), 'utf8')).toContain('<testsuite name="expect run"');
});

test('only lost attempts over budget: exit code 6', async () => {
  // Plain TCP holds SUBACK after 6 trips and TLS 1.3 after 8: 240 and 320 ms.
  const impatient = [
    'expect={}',
    'workload.action=subscribe',
    'workload.timeoutMs=280',
    'links.0.oneWayMs=40',
  ];
  const found = await gate('near.yaml', '--out', 'lossy', ...QUICK, ...setting(...impatient));
  expect(found.code).toBe(6);
  expect(failing(found.gate)).toContain('failureBudget  tls13/near');
});

test('with a baseline it is compared as well', async () => {
  const same = await gate('good', '--baseline', 'good', '--json');
  expect(same.code).toBe(0);
  expect(same.gate.comparison).toMatchObject({ counts: { regressed: 0 } });
  const worse = await gate('lossy', '--baseline', 'good', '--json');
  expect(worse.code).toBe(3);
  expect(worse.gate.comparison?.verdict).toBe('regressed');
});

test.each([
  [
    'options of a run, for what was measured already',
    ['good', '--seed', '7'],
    /^error: good was measured already/,
  ],
  [
    'a baseline that is not there, before anything is measured',
    ['near.yaml', '--baseline', 'x'],
    /^error: Cannot read x/,
  ],
  [
    'a scenario that is not valid',
    ['near.yaml', '--set', 'expect.bytes.tls12.handshakeUp=1'],
    /expect\.bytes\.tls12: the scenario has no such mode/,
  ],
  ['results of nobody', ['nowhere'], /^error: Cannot read nowhere/],
])('%s: exit code 2', async (_, args, message) => {
  const { code, stdout, stderr } = await cliIn(folder, 'gate', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
