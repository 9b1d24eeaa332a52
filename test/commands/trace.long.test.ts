import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { traceDocumentSchema, type TraceDocument } from '../../src/trace/document.ts';
import { cli, heard, startCli } from '../helpers/cli.ts';
import { lookout } from '../helpers/leftovers.ts';
import { until } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const hasTshark = await hasTools('tshark');
const here = await hasTun();
const BACKENDS = here ? (['tun', 'proxy'] as const) : (['proxy'] as const);

/** OASIS MQTT 3.1.1 §2.2.1: control packet types. */
const TYPES = [
  '',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  '',
  '',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
];

/** Traces with a file and JSON; answers both. */
async function traced(...args: string[]): Promise<{ file: string; document: TraceDocument; stderr: string }> {
  const file = join(temporaryFolder(), 'it.pcapng');
  const { code, stdout, stderr } = await cli('trace', ...args, '--pcapng', file, '--json');
  expect([code, stderr.includes('error')]).toEqual([0, false]);
  return { file, document: traceDocumentSchema.parse(JSON.parse(stdout)), stderr };
}

/** The words of all MQTT packets of a document, in order of the packets that hold them. */
function mqttOf({ packets }: TraceDocument): string[] {
  return packets.flatMap(({ contents }) =>
    contents.filter(({ protocol }) => protocol === 'MQTT').map(({ name }) => name.split(' ')[0] ?? ''),
  );
}

/** The broker's port, which is that of no protocol. */
function portOf({ packets: [syn] }: TraceDocument): string {
  return syn?.destination.split(':')[1] ?? '';
}

/** What tshark shows of a file, by fields. */
async function tshark(file: string, args: readonly string[], fields: readonly string[]): Promise<string[][]> {
  const { stdout } = await execa('tshark', [
    '-r',
    file,
    ...args,
    '-T',
    'fields',
    '-E',
    'occurrence=a',
    '-E',
    'aggregator=,',
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Which MQTT packets tshark reads in a file, decrypted by nothing but what stands in the file. */
async function mqttByTshark(file: string, document: TraceDocument): Promise<string[]> {
  const port = portOf(document);
  const as =
    document.tls === undefined
      ? [`tcp.port==${port},mqtt`]
      : [`tcp.port==${port},tls`, `tls.port==${port},mqtt`];
  const rows = await tshark(file, [...as.flatMap((rule) => ['-d', rule]), '-Y', 'mqtt'], ['mqtt.msgtype']);
  return rows.flatMap(([types = '']) => types.split(',')).map((type) => TYPES[Number(type)] ?? type);
}

const EVERY_STEP = [
  'CONNECT',
  'CONNACK',
  'SUBSCRIBE',
  'SUBACK',
  'PUBLISH',
  'PUBLISH',
  'PUBACK',
  'PUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
];

const MODES = [
  'plain',
  'tls12',
  'tls13',
  'tls12-psk',
  'tls12-psk-ccm8',
  'tls12-ecdhe-psk',
  'tls12-ecdhe-psk+suite=TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256',
  'tls13-psk',
  'mtls13',
  'tls12-resumed-ticket',
  'tls13-resumed',
  'tls13-hrr',
  'tls13+pipelined=true',
  'tls13+suite=TLS_CHACHA20_POLY1305_SHA256',
];

describe.skipIf(!hasTshark).each(BACKENDS)('over %s', (backend) => {
  it.each(MODES)(
    '%s: tshark reads every packet that the listing names, decrypted by the file alone',
    async (mode) => {
      const { file, document } = await traced(mode, '--link', 'lan', '--backend', backend);
      expect(document).toMatchObject({
        mode,
        backend,
        synthetic: backend === 'proxy',
        outcome: { status: 'ok' },
      });
      expect(document.tls?.unreadRecords ?? 0).toBe(0);
      expect(mqttOf(document).toSorted()).toEqual(EVERY_STEP.toSorted());
      expect(await mqttByTshark(file, document)).toEqual(mqttOf(document));
      // Valid checksums and sequence numbers: tshark has nothing to say against any packet.
      const faults = await tshark(
        file,
        [
          '-o',
          'tcp.check_checksum:TRUE',
          '-o',
          'ip.check_checksum:TRUE',
          '-Y',
          'tcp.checksum.status!=1 || ip.checksum.status!=1 || tcp.analysis.flags || _ws.malformed',
        ],
        ['frame.number'],
      );
      expect(faults).toEqual([]);
      const all = await tshark(
        file,
        [],
        ['frame.number', 'frame.time_relative', 'ip.len', 'tcp.seq', 'tcp.len', 'ip.src'],
      );
      expect(all).toHaveLength(document.packets.length);
      for (const [index, [, time, length, sequence, payload, source]] of all.entries()) {
        const { timeSeconds, lengthBytes, tcp, source: own } = document.packets[index] ?? {};
        expect([Number(length), Number(sequence), Number(payload)]).toEqual([
          lengthBytes,
          tcp?.sequence,
          tcp?.payloadBytes,
        ]);
        expect(Number(time)).toBeCloseTo(timeSeconds ?? NaN, 6);
        expect(own?.startsWith(`${source}:`)).toBe(true);
      }
      // The mark stands in the file.
      const { stdout: comments } = await execa('capinfos', ['-k', file]);
      expect(comments.includes('Synthetic packets')).toBe(backend === 'proxy');
      expect(statSync(file).mode & 0o777).toBe(0o600);
    },
  );

  it.each([
    [
      '0',
      [
        'CONNECT',
        'CONNACK',
        'SUBSCRIBE',
        'SUBACK',
        'PUBLISH',
        'PUBLISH',
        'PINGREQ',
        'PINGRESP',
        'DISCONNECT',
      ],
    ],
    [
      '2',
      [
        ...EVERY_STEP.filter((name) => name !== 'PUBACK'),
        ...['PUBREC', 'PUBREL', 'PUBCOMP'].flatMap((name) => [name, name]),
      ],
    ],
  ])('QoS %s, and a message of many segments', async (qos, steps) => {
    const { file, document } = await traced(
      'tls13',
      '--qos',
      qos,
      '--payload-bytes',
      '40000',
      '--link',
      'lan',
      '--backend',
      backend,
    );
    expect(mqttOf(document).toSorted()).toEqual(steps.toSorted());
    expect(await mqttByTshark(file, document)).toEqual(mqttOf(document));
    expect(document.packets.some(({ endsIn }) => endsIn !== undefined)).toBe(true);
  });

  it('over a link of 100 ms round trip each step waits for it', async () => {
    const profiles = join(temporaryFolder(), 'links.yaml');
    writeFileSync(profiles, 'far: { description: far, rttMs: 100, source: this test }\n');
    const { document } = await traced('tls12', '--profiles', profiles, '--link', 'far', '--backend', backend);
    const at = (name: string): number =>
      document.packets.find(({ contents }) => contents.some((one) => one.name.startsWith(name)))
        ?.timeSeconds ?? NaN;
    // RFC 5246 §7.3: two round trips of TLS after one of TCP; the client's end sees each answer one later than its question.
    for (const [name, seconds] of [
      ['ClientHello', 0.1],
      ['ServerHello', 0.2],
      ['CONNECT', 0.3],
      ['CONNACK', 0.4],
      ['SUBACK', 0.5],
      ['PINGRESP', 0.7],
    ] as const) {
      expect(at(name)).toBeGreaterThanOrEqual(seconds);
      expect(at(name)).toBeLessThan(seconds + 0.06);
    }
  });
});

test('of mosquitto, too', async () => {
  if (!(await hasTools('mosquitto'))) return;
  const { document } = await traced(
    'tls13-psk',
    '--broker',
    'mosquitto',
    '--link',
    'lan',
    '--backend',
    'proxy',
  );
  expect(document.broker).toMatch(/^mosquitto/i);
  expect(mqttOf(document).toSorted()).toEqual(EVERY_STEP.toSorted());
});

test('losses and what mends them are seen at the client’s end', async () => {
  const profiles = join(temporaryFolder(), 'links.yaml');
  writeFileSync(profiles, 'bad: { description: bad, oneWayMs: 5, loss: 0.15, source: this test }\n');
  const { document } = await traced(
    'tls13',
    '--profiles',
    profiles,
    '--link',
    'bad',
    '--backend',
    BACKENDS[0],
    '--seed',
    '5',
    '--payload-bytes',
    '60000',
  );
  expect(mqttOf(document).toSorted()).toEqual(EVERY_STEP.toSorted());
  expect(document.packets.some(({ tcp }) => tcp.place === 'retransmission')).toBe(true);
  expect(document.tls?.unreadRecords).toBe(0);
});

test('a connection that is to be refused is traced up to the alert', async () => {
  const { document } = await traced('mtls13+client=revoked', '--link', 'lan', '--backend', 'proxy');
  expect(document.outcome.status).toBe('refused');
  const names = document.packets.flatMap(({ contents }) => contents.map(({ name }) => name));
  expect(names).toContain('Alert (certificate_revoked)');
});

test('a file that is there is replaced when told so, and is then the owner’s alone', async () => {
  const file = join(temporaryFolder(), 'it.pcapng');
  writeFileSync(file, 'old', { mode: 0o644 });
  const { code } = await cli(
    'trace',
    'plain',
    '--link',
    'null',
    '--backend',
    'proxy',
    '--pcapng',
    file,
    '--overwrite',
  );
  expect([code, statSync(file).mode & 0o777]).toEqual([0, 0o600]);
  expect((await cli('trace', '--read', file)).code).toBe(0);
});

test.each(BACKENDS)('over %s Ctrl-C leaves nothing behind', async (backend) => {
  const watch = await lookout();
  onTestFinished(() => watch.end());
  const file = join(temporaryFolder(), 'it.pcapng');
  const run = startCli(
    ['trace', 'tls12', '--link', 'geo-satellite', '--backend', backend, '--pcapng', file],
    { env: watch.env },
  );
  await heard(run, 'running the connection');
  expect(watch.look().processes).toBeGreaterThan(3);
  run.kill('SIGINT');
  const { exitCode, stdout } = await run;
  expect([exitCode, stdout]).toEqual([130, '']);
  await until('nothing is left', async () => (await watch.leftovers()).length === 0);
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('a file that was written lists as its connection did, and what is cut off of it is told in JSON too', async () => {
  const file = join(temporaryFolder(), 'it.pcapng');
  const run = await cli('trace', 'mtls12', '--link', 'lan', '--backend', BACKENDS[0], '--pcapng', file);
  expect(await cli('trace', '--read', file)).toEqual({ code: 0, stdout: run.stdout, stderr: '' });
  const { stdout } = await cli('trace', '--read', file, '--json');
  const whole = traceDocumentSchema.parse(JSON.parse(stdout));
  expect(whole.complete).toBe(true);
  truncateSync(file, statSync(file).size - 10);
  const cut = await cli('trace', '--read', file, '--json');
  const rest = traceDocumentSchema.parse(JSON.parse(cut.stdout));
  expect([cut.code, rest.complete]).toEqual([2, false]);
  expect(rest.packets).toEqual(whole.packets.slice(0, -1));
});
