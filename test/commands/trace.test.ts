import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { execute } from '../../src/commands/trace.ts';
import { BenchError } from '../../src/errors.ts';
import { dissect } from '../../src/trace/dissect.ts';
import { documentOf } from '../../src/trace/document.ts';
import { readCapture } from '../../src/trace/file.ts';
import { callIn, cli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Options = Parameters<typeof execute>[1];

/** A file that somebody may need. */
function precious(folder: string): string {
  const file = join(folder, 'there.pcapng');
  writeFileSync(file, 'precious');
  return file;
}

describe('what cannot be traced is refused before anything is started', () => {
  it.each<[string, string | undefined, (folder: string) => Options, RegExp, string]>([
    [
      'no mode',
      undefined,
      () => ({}),
      /^There is no mode to trace$/,
      'Expected `trace MODE`, or `trace --read',
    ],
    [
      'an unknown mode',
      'tsl13',
      () => ({}),
      /^There is no mode "tsl13"; did you mean "tls13"\?/,
      'The modes are',
    ],
    ['a wrong axis', 'tls13+key=none', () => ({}), /^The mode "tls13\+key=none"/, ''],
    [
      'an unknown link',
      'tls13',
      () => ({ link: 'refrence' }),
      /^There is no link profile 'refrence'/,
      "Did you mean 'reference'?",
    ],
    [
      'an unknown broker',
      'tls13',
      () => ({ broker: 'mosquito' }),
      /^There is no broker "mosquito" that a name says enough of; did you mean "mosquitto"\?/,
      'Expected aedes, mosquitto,',
    ],
    [
      'a backend that sees nothing',
      'plain',
      () => ({ backend: 'none' }),
      /^--backend none: nothing stands between client and broker there/,
      'Expected --backend netem, --backend tun or --backend proxy',
    ],
    [
      'a folder that is not there',
      'plain',
      (folder) => ({ pcapng: join(folder, 'no', 'it.pcapng') }),
      /there is no folder .*no$/,
      'Make it first',
    ],
    [
      'a folder that is none',
      'plain',
      (folder) => ({ pcapng: join(precious(folder), 'it.pcapng') }),
      /is no folder$/,
      '',
    ],
    [
      'a folder as a file',
      'plain',
      (folder) => ({ pcapng: folder }),
      /this is a folder, expected a file$/,
      '',
    ],
    [
      'a file that is there',
      'plain',
      (folder) => ({ pcapng: precious(folder) }),
      /the file is there already$/,
      'Name another one, or give --overwrite.',
    ],
    [
      '--overwrite of nothing',
      'plain',
      () => ({ overwrite: true }),
      /^--overwrite is for --pcapng FILE$/,
      '',
    ],
    ['a mode with --read', 'plain', () => ({ read: 'it' }), /^A mode is for running a connection, not/, ''],
    [
      'an option with --read',
      undefined,
      () => ({ read: 'it', qos: '0' }),
      /^--qos is for running a conn/,
      '',
    ],
    [
      'a file to read that is not there',
      undefined,
      (folder) => ({ read: join(folder, 'no') }),
      /: there is no such file$/,
      'Expected a file that',
    ],
    [
      'a folder to read',
      undefined,
      (folder) => ({ read: folder }),
      /: this is a folder$/,
      'Expected a file that',
    ],
    [
      'what is no capture',
      undefined,
      (folder) => ({ read: precious(folder) }),
      /at byte 0: this is no pcapng file; expected 0x0a0d0d0a/,
      'Such files are written by',
    ],
  ])('%s: exit code 2, and what to do', async (_, mode, options, message, mend) => {
    const error: unknown = await execute(mode, options(temporaryFolder())).catch((error: unknown) => error);
    if (!(error instanceof BenchError)) throw new Error('It was not refused', { cause: error });
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(message);
    expect(error.mend ?? '').toContain(mend);
  });

  it.each([
    ['QoS 3', ['--qos', '3'], "argument '3' is invalid. Allowed choices are 0, 1, 2."],
    ['two sizes', ['--payload-bytes', '1,2'], 'Expected a whole number of 0 to 1048576.'],
  ])('%s: exit code 2, and what is allowed', async (_, args, says) => {
    const { code, stdout, stderr } = await callIn('.', 'trace', 'plain', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });
});

/** What every connection is to do, in order. */
const STEPS = [
  'CONNECT',
  'CONNACK',
  'SUBSCRIBE',
  'SUBACK',
  'PUBLISH',
  'PUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
];

test('over the proxy: everything is listed, marked as synthetic, and read again from the file', async () => {
  const file = join(temporaryFolder(), 'it.pcapng');
  const run = await cli('trace', 'tls13', '--link', 'lan', '--backend', 'proxy', '--pcapng', file);
  expect(run.code).toBe(0);
  for (const step of ['ClientHello', 'ServerHello', 'Certificate', 'Finished', 'NewSessionTicket', ...STEPS])
    expect(run.stdout).toContain(step);
  expect(run.stdout).toContain('Synthetic packets: ');
  expect(run.stdout).toContain('every encrypted record was decrypted');
  expect(run.stdout).not.toContain('Application Data');
  expect(run.stderr).toContain(`${file} holds the packets and the TLS keys`);
  // Whoever has it can read the connection.
  expect(statSync(file).mode & 0o777).toBe(0o600);

  const { about, packets, keyLog, problem } = await readCapture(file);
  if (about === undefined) throw new Error('Nothing is said of what was traced');
  expect(problem).toBeUndefined();
  expect(about).toMatchObject({ mode: 'tls13', link: 'lan', backend: 'proxy', synthetic: true });
  const document = documentOf(about, dissect({ packets, keyLog }), true);
  expect(document.tls).toEqual({
    version: 'TLSv1.3',
    suite: 'TLS_AES_128_GCM_SHA256',
    unreadRecords: 0,
  });
  const secrets = [...keyLog.matchAll(/^\w+ [0-9a-f]{64} ([0-9a-f]+)$/gm)].map(([, secret = '']) => secret);
  expect(secrets.length).toBeGreaterThanOrEqual(4);
  for (const secret of secrets)
    expect(`${run.stdout}${run.stderr}${JSON.stringify(document)}`).not.toContain(secret);

  // What was whole is listed, and then what is wrong said.
  truncateSync(file, readFileSync(file).length - 10);
  const cut = await cli('trace', '--read', file);
  expect(cut.code).toBe(2);
  expect(cut.stderr).toMatch(
    /at byte \d+: the file is cut off, \d+ bytes are left; expected \d+ bytes of a packet/,
  );
  const whole = run.stdout.split('\n').slice(0, 3 + packets.length);
  expect(cut.stdout.split('\n').slice(0, 3 + packets.length)).toEqual(whole);
});
