import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { callIn } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const REFERENCE = fileURLToPath(new URL('../../scenarios/reference.yaml', import.meta.url));
const NULL = '/dev/null';

test.each([
  [
    'two candidates',
    ['run', REFERENCE, REFERENCE, '--against', REFERENCE],
    /--against is for one scenario, got 2/,
  ],
  ['lists that do not fit', ['run', REFERENCE, '--against-set', 'modes=[plain]'], /1 modes, the candidate 7/],
  ['a baseline that is not there', ['run', REFERENCE, '--against', 'x.yaml'], /x\.yaml/],
  [
    'a baseline of another seed',
    ['gate', REFERENCE, '--against-set', 'seed=9'],
    /seed: 9, the candidate 1.*\nGive it to both: --set seed=1/,
  ],
  [
    'options that judge, without a baseline',
    ['run', REFERENCE, '--min-effect-ms', '3'],
    /--min-effect-ms is for a run/,
  ],
  ['kinds to judge, without a baseline', ['run', REFERENCE, '--only', 'trips'], /--only is for a run/],
  ['a history, without a baseline', ['run', REFERENCE, '--history', NULL], /--history is for a run/],
  ['floors of a gate, without a baseline', ['gate', REFERENCE, '--aa', NULL], /--aa is about a comparison/],
  ['a second look at nothing', ['run', REFERENCE, '--no-confirm'], /--no-confirm is for a run/],
  ['what an A/A run is told, without one', ['calibrate', '--rounds', '9'], /--rounds is for calibrate --aa/],
  ['links for an A/A run', ['calibrate', 'lan', '--aa'], /a link is for calibrating links, without --aa/],
  ['an aa.json that is none', ['compare', 'a', 'b', '--aa', NULL], /Cannot read \/dev\/null/],
  [
    'a file in a folder that is not there',
    ['gate', REFERENCE, '--write', 'junit=/no/such/folder/junit.xml'],
    /^error: Cannot write \/no\/such\/folder\/junit\.xml: .*\nName another file with --write/,
  ],
  [
    'a folder that is to be a file',
    ['run', REFERENCE, '--against', REFERENCE, '--write', 'markdown=/tmp'],
    /^error: Cannot write \/tmp: it is a folder/,
  ],
  [
    'a file below a file',
    ['compare', 'a', 'b', '--write', `bencher=${REFERENCE}/b.json`],
    /^error: Cannot write /,
  ],
  ['an effect of nothing', ['calibrate', '--aa', '--effect-ms', '0'], /--effect-ms 0/],
  [
    'an A/A run of a fleet',
    ['calibrate', '--aa', fileURLToPath(new URL('../../scenarios/reconnect-storm.yaml', import.meta.url))],
    /has no workload that calibrate --aa can say something of: storm.*\n.*handshake, wake/s,
  ],
])('%s: exit code 2, and nothing is made', async (_, args, message) => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await callIn(folder, ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(readdirSync(folder)).toEqual([]);
});

test('--dry-run names the cells of both, and what is left out of them', async () => {
  const { code, stdout } = await callIn(
    temporaryFolder(),
    'run',
    REFERENCE,
    '--against-set',
    'broker={ name: aedes, noDelay: false }',
    '--dry-run',
    '--backend',
    'proxy',
    ...['modes=[tls13, { mode: tls12, mqtt: 5 }]', 'rounds=2', 'warmupRounds=0'].flatMap((set) => [
      '--set',
      set,
    ]),
  );
  expect(code).toBe(0);
  expect(stdout)
    .toBe(`reference: How long after the device wakes does the broker hold its first byte, by security mode, over a link of 34 ms one way?
4 cells, 2 rounds after 0 to warm up, 8 connections in the order of seed 1
  baseline:tls13/reference/aedes-nagle/direct/handshake
  baseline:tls13/null/aedes-nagle/direct/handshake
  candidate:tls13/reference/aedes/direct/handshake
  candidate:tls13/null/aedes/direct/handshake
left out: tls12+mqtt=5 on aedes-nagle: aedes speaks MQTT 3.1.1 only
left out: tls12+mqtt=5 on aedes: aedes speaks MQTT 3.1.1 only
Links by the proxy backend (asked for: stream proxy in userland; TCP is modelled)`);
});
