import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PAYLOAD_SIZES, type PayloadReport } from '../../src/micro/payload.ts';
import { attackTable } from '../../src/commands/payload.ts';
import { tryMethod, type Trial } from '../../src/payload/trial.ts';
import { METHOD_NAMES, methodNamed } from '../../src/payload/index.ts';
import { callIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { SPOILED } from '../payload/spoiled.ts';

test('payload: every method with what it adds and promises', async () => {
  const { code, stdout, stderr } = await callIn('.', 'payload');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = stdout.split('\n').slice(1, METHOD_NAMES.length + 1);
  expect(rows.map((row) => row.split(/\s+/)[0])).toEqual(METHOD_NAMES);
  expect(rows.find((row) => row.startsWith('aes-128-gcm'))).toMatchInlineSnapshot(
    `"aes-128-gcm               1     27  yes        yes             –                yes              yes     AES-128-GCM (NIST SP 800-38D, RFC 5116 §5.1)"`,
  );
  expect(rows.find((row) => row.startsWith('ed25519 '))).toMatchInlineSnapshot(
    `"ed25519                  33     75  yes        yes             yes              –                yes     Ed25519 (RFC 8032 §5.1)"`,
  );
});

test('payload --json: one document', async () => {
  const { code, stdout } = await callIn('.', 'payload', 'crc32', 'hpke-x25519', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { name: 'crc32', id: 16, promises: { integrity: true, authentication: false }, addedBytes: { 64: 15 } },
    { name: 'hpke-x25519', needs: { recipient: 'x25519' }, addedBytes: { 64: 59 } },
  ]);
});

test('payload --attack: a table that the run itself fills in', async () => {
  const names = ['crc32', 'aes-cmac', 'ed25519', 'chacha20-poly1305'];
  const { code, stdout, stderr } = await callIn(
    '.',
    'payload',
    ...names,
    '--attack',
    '--attempts',
    '5',
    '--genuine',
    '20',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: names.map((name) => `attacking ${name}`).join('\n') });
  expect(stdout).toMatchInlineSnapshot(`
    "method             integrity  authentication  non-repudiation  readable  false alarms
    crc32              yes        no              no               yes            0 of 20
    aes-cmac           yes        yes             no               yes            0 of 20
    ed25519            yes        yes             yes              yes            0 of 20
    chacha20-poly1305  yes        yes             no               no             0 of 20

    As the attacks below found it. integrity: all that was tampered with or came to another topic was detected.
    authentication: so was all that an outsider forged, and all with other keys. non-repudiation: so was all that a
    subscriber forged. readable: the payload stands in the message as it was. (!): not what the method promises.

    method             tampered  other  replayed  replayed,   other  other keys,  forged by  forged by
                                 topic            new number  keys   right id     outsider   subscriber
    crc32              all       all    all       none        –      –            none       none
    aes-cmac           all       all    all       all         all    all          all        none
    ed25519            all       all    all       all         all    all          all        all
    chacha20-poly1305  all       all    all       all         all    all          all        none

    Detected of 5 attempts of each attack; (!): less than promised; –: there are no keys. The receiver keeps a window
    of sequence numbers. An outsider knows format, topic, public keys and what was sent; a subscriber knows the keys that
    messages are opened with, too. A checksum finds accidents: whoever changes a message computes it anew."
  `);
});

test('payload --attack: what a spoiled method is found to give, and where that is not its promise', async () => {
  const few = { genuine: 5, attempts: 5, seed: 1 };
  const trials = [];
  for (const method of Object.values(SPOILED)) trials.push(await tryMethod(method, few));
  const [table = ''] = attackTable(trials).split('\n\n');
  expect(table).toMatchInlineSnapshot(`
    "method       integrity  authentication  non-repudiation  readable  false alarms
    hmac-sha256  no (!)     yes             no               yes             0 of 5
    hmac-sha256  yes        no (!)          no               yes             0 of 5
    hmac-sha256  yes        yes             no (!)           yes             0 of 5
    ed25519      yes        yes             yes (!)          yes             0 of 5"
  `);
});

test('payload --attack: every method in 120 columns', async () => {
  const { code, stdout } = await callIn('.', 'payload', '--attack', '--attempts', '1', '--genuine', '1');
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(lines.length).toBeGreaterThan(2 * METHOD_NAMES.length);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});

test('payload --attack --json: counts by method and attack', async () => {
  const { code, stdout } = await callIn(
    '.',
    'payload',
    'sha256',
    '--attack',
    '--attempts',
    '4',
    '--seed',
    '9',
    '--json',
  );
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as { attempts: number; seed: number; methods: Trial[] };
  expect(report).toMatchObject({ attempts: 4, genuine: 1000, seed: 9 });
  expect(report.methods).toMatchObject([
    {
      method: 'sha256',
      falseAlarms: 0,
      attacks: {
        tampered: { promised: true, attempts: 4, detected: 4 },
        forged: { promised: false, attempts: 4, detected: 0 },
      },
      properties: {
        integrity: { promised: true, found: true },
        authentication: { promised: false, found: false },
        nonRepudiation: { promised: false, found: false },
      },
    },
  ]);
});

test('micro payload: rates with intervals and percentiles of each method and size', async () => {
  const names = ['aes-128-gcm', 'ed25519'];
  const { code, stdout, stderr } = await callIn(
    '.',
    'micro',
    'payload',
    ...names,
    '--seconds',
    '1',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'warming up\nmeasuring for 1 s' });
  const report = JSON.parse(stdout) as PayloadReport & { environment: object };
  expect(report.environment).toMatchObject({ openssl: process.versions.openssl });
  expect(report.payloads.map(({ method, payloadBytes }) => [method, payloadBytes])).toEqual(
    names.flatMap((name) => PAYLOAD_SIZES.map((size) => [name, size])),
  );
  for (const { method, payloadBytes, addedBytes, ...operations } of report.payloads) {
    expect(addedBytes).toBe(methodNamed(method).addedBytes(payloadBytes));
    for (const cost of [operations.protect, operations.open]) {
      expect(cost.samples).toBe(report.rounds);
      expect(cost.lowPerSecond).toBeLessThanOrEqual(cost.perSecond);
      expect(cost.highPerSecond).toBeGreaterThanOrEqual(cost.perSecond);
      expect(cost.timed).toBeGreaterThanOrEqual(4 * report.rounds);
      expect(cost.p50Us).toBeGreaterThan(0);
      expect(cost.p99Us === undefined).toBe(cost.timed < 1000);
    }
  }
  const [small, large] = [report.payloads[0], report.payloads[PAYLOAD_SIZES.length - 1]];
  expect(small?.protect.perSecond).toBeGreaterThan(1.2 * (large?.protect.perSecond ?? Infinity));
  // Ed25519 verifies slower than it signs, and both are far slower than AES.
  const signature = report.payloads[PAYLOAD_SIZES.length];
  expect(signature?.protect.perSecond).toBeGreaterThan(1.2 * (signature?.open.perSecond ?? Infinity));
  expect(small?.protect.perSecond).toBeGreaterThan(2 * (signature?.protect.perSecond ?? Infinity));
});

test('micro payload: a table of the sizes that were asked for, and drawn', async () => {
  const chart = join(temporaryFolder(), 'rates.svg');
  const args = ['crc32', '--sizes', '100,5', '--seconds', '1', '--chart', chart];
  const { code, stdout, stderr } = await callIn('.', 'micro', 'payload', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: `warming up\nmeasuring for 1 s\n${chart}` });
  expect(stdout).toMatch(/^method +payload +added +protect\/s .*\ncrc32 +100 +15 +[\d,]+ .*\ncrc32 +5 +15 +/);
  expect(stdout).toContain('One thread, warm caches, parsed keys');
  expect(readFileSync(chart, 'utf8')).toMatch(
    /^<svg role="img" aria-label="Operations a second of one core: crc32 protecting [\d,]+ at 5 bytes to [\d,]+ at 100 bytes and opening /,
  );
});

test.each([
  [['payload', 'aes-129-gcm'], 'called "aes-129-gcm"; did you mean "aes-128-gcm"?'],
  [['payload', '--attack', '--attempts', '0'], 'Expected 1 or more for `--attempts` and `--genuine`'],
  [['payload', '--attack', '--attempts', '-1'], 'Expected a whole number of 0 or more'],
  [['micro', 'payload', 'tls13'], 'There is no way to protect a payload called "tls13"'],
  [['micro', 'payload', '--sizes', '16,,64'], 'Expected whole numbers of 0 to 1048576, separated by commas'],
  [['micro', 'payload', '--sizes', '1048577'], 'Expected whole numbers of 0 to 1048576'],
  [['micro', 'records', '--sizes', '16'], 'Only payloads have `--sizes`'],
  [['micro', 'handshake', '--chart', 'a.svg'], 'Only payloads have `--chart`'],
  [['micro', 'payload', '--chart', 'a.png'], '--chart a.png: expected a file that ends in .svg or .html'],
  [['micro', 'payload', '--chart', 'no/such/folder/a.svg'], 'Cannot write no/such/folder/a.svg: '],
])('%j is a usage error', async (args, message) => {
  const { code, stdout, stderr } = await callIn('.', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
