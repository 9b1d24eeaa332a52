import { generate } from 'mqtt-packet';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { MODES, modeNamed } from '../../src/modes/index.ts';
import { SUITES } from '../../src/modes/suites.ts';
import { dissect, type Dissected } from '../../src/trace/dissect.ts';
import { documentOf } from '../../src/trace/document.ts';
import { infoOf } from '../../src/trace/listing.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { CONNACK, CONNECT, recordMode, type Recording } from '../link/tap/recording.ts';
import { ABOUT, packetsOf } from './fixtures.ts';

const folder = sharedFolders();
let pki: Pki;
beforeAll(async () => {
  pki = await makePki(folder());
});

/** A segment holds no more; a chunk may be longer. */
const MOST_BYTES = 1448;

function dissected({ chunks }: Pick<Recording, 'chunks'>, keyLog: string): Dissected {
  const pieces = chunks.flatMap(({ from, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / MOST_BYTES) }, (_, index) => ({
      from,
      bytes: bytes.subarray(index * MOST_BYTES, (index + 1) * MOST_BYTES),
    })),
  );
  return dissect({ packets: packetsOf(pieces), keyLog });
}

function namesOf({ rows }: Dissected, from: 'client' | 'broker'): string[] {
  return rows.filter((row) => row.from === from).flatMap(({ contents }) => contents.map(({ name }) => name));
}

const FAMILIES = {
  ecdsa: 'tls12',
  psk: 'tls12-psk',
  'ecdhe-psk': 'tls12-ecdhe-psk',
  'dhe-psk': 'tls12-dhe-psk',
};

/** A mode for every suite that this Node's certificates can do, and all that resume nothing. */
const ALL = [
  ...MODES.filter(({ resumption, security }) => resumption === undefined && security !== undefined),
  ...SUITES.flatMap(({ name, protocol, authentication }) => {
    const family =
      protocol === 'TLSv1.3'
        ? 'tls13'
        : authentication === 'rsa'
          ? undefined
          : FAMILIES[authentication as keyof typeof FAMILIES];
    return family === undefined ? [] : [modeNamed(`${family}+suite=${name}`)];
  }),
];

describe.each(ALL.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  it('is read by its key log to the last record, and without it by nothing but record types', async () => {
    const recording = await recordMode(mode, pki);
    const open = dissected(recording, recording.keyLog);
    expect(open.tls).toEqual({
      version: recording.client?.protocol,
      suite: recording.client?.suite,
      unreadRecords: 0,
    });
    for (const [from, hello, last] of [
      ['client', 'ClientHello', 'CONNECT (client m1234567, MQTT 3.1.1)'],
      ['broker', 'ServerHello', 'CONNACK (accepted)'],
    ] as const) {
      const names = namesOf(open, from);
      expect(names).toContain(hello);
      expect(names).toContain('Finished');
      expect(names.at(-1)).toBe(last);
      expect(names).not.toContain('Application Data');
    }
    const closed = dissected(recording, '');
    expect(closed.tls?.unreadRecords).toBeGreaterThan(0);
    expect(closed.rows.some(({ protocol }) => protocol === 'MQTT')).toBe(false);
    expect(namesOf(closed, 'client').at(-1)).toBe('Application Data');
    expect(namesOf(closed, 'client')).not.toContain('Finished');
  });
});

test('a key log of another connection opens nothing', async () => {
  const [one, other] = [await recordMode(modeNamed('tls13'), pki), await recordMode(modeNamed('tls13'), pki)];
  expect(dissected(one, other.keyLog).tls?.unreadRecords).toBeGreaterThan(0);
  const wrong = one.keyLog.replaceAll(/(\w{8})$/gm, '00000000');
  expect(namesOf(dissected(one, wrong), 'client').at(-1)).toBe('Application Data');
});

test('MQTT without TLS is named, packet by packet, also where several share a segment or one needs several', () => {
  const PUBLISH = generate({
    cmd: 'publish',
    topic: 'a/b',
    payload: Buffer.alloc(3000),
    qos: 1,
    messageId: 7,
    dup: false,
    retain: false,
  });
  const { rows, tls } = dissected(
    {
      chunks: [
        { from: 'client', bytes: CONNECT },
        { from: 'broker', bytes: CONNACK },
        { from: 'client', bytes: PUBLISH },
        {
          from: 'client',
          bytes: Buffer.concat([generate({ cmd: 'pingreq' }), generate({ cmd: 'disconnect' })]),
        },
      ],
    },
    '',
  );
  expect(tls).toBeUndefined();
  expect(rows.map((row) => [row.protocol, infoOf(row)])).toEqual([
    ['TCP', '[SYN] Seq=0 Len=0'],
    ['TCP', '[SYN, ACK] Seq=0 Ack=1 Len=0'],
    ['MQTT', 'CONNECT (client m1234567, MQTT 3.1.1)'],
    ['MQTT', 'CONNACK (accepted)'],
    ['MQTT', '[PSH, ACK] Seq=23 Ack=5 Len=1448 [ends in no. 7]'],
    ['MQTT', '[PSH, ACK] Seq=1471 Ack=5 Len=1448 [ends in no. 7]'],
    ['MQTT', 'PUBLISH (QoS 1, id 7, topic a/b, 3000 bytes)'],
    ['MQTT', 'PINGREQ, DISCONNECT'],
  ]);
  expect(rows.map(({ timeSeconds }) => timeSeconds)).toEqual([
    0, 0, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006,
  ]);
});

test('times of a file that go back are told as they are', () => {
  const packets = packetsOf([
    { from: 'client', bytes: CONNECT },
    { from: 'broker', bytes: CONNACK },
  ]);
  const [first, ...later] = packets;
  if (first === undefined) throw new Error('no packets');
  const swapped = dissect({
    packets: [{ ...first, timeNs: first.timeNs + 5_000_000n }, ...later],
    keyLog: '',
  });
  const told = documentOf(ABOUT, swapped, true).packets;
  expect(told.map(({ timeSeconds }) => timeSeconds)).toEqual([0, -0.005, -0.004, -0.003]);
  expect(told.map(({ sincePreviousSeconds }) => sincePreviousSeconds)).toEqual([0, -0.005, 0.001, 0.001]);
});

test('what a client says that is neither TLS nor MQTT is TCP', () => {
  const { rows } = dissected({ chunks: [{ from: 'client', bytes: Buffer.from('GET / HTTP/1.1') }] }, '');
  expect([rows.at(-1)?.protocol, rows.at(-1)?.contents]).toEqual(['TCP', []]);
});

test('no password is named', () => {
  const connect = generate({
    cmd: 'connect',
    clientId: 'c',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clean: true,
    keepalive: 0,
    username: 'someone',
    password: Buffer.from('top-secret'),
  });
  const whole = dissected({ chunks: [{ from: 'client', bytes: connect }] }, '');
  const text = JSON.stringify(documentOf(ABOUT, whole, true));
  expect(text).toContain('CONNECT (client c, MQTT 5.0)');
  expect(text).not.toMatch(/top-secret|someone/);
});
