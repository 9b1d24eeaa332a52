import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, test } from 'vitest';
import { SILENT } from '../../src/lab/observer.ts';
import { resolveLink, type LinkInput } from '../../src/link/spec.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { Capture } from '../../src/trace/capture.ts';
import { dissect } from '../../src/trace/dissect.ts';
import { documentOf, type TraceDocument } from '../../src/trace/document.ts';
import { writeCapture } from '../../src/trace/file.ts';
import { trace, type TraceOptions } from '../../src/trace/lab.ts';
import { pcapngOf } from '../../src/trace/pcapng-writer.ts';
import { AEDES, expectNothingLeft } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const hasTshark = await hasTools('tshark');
const hasMosquitto = await hasTools('mosquitto');
const here = await hasTun();
const BACKENDS = here ? (['tun', 'proxy'] as const) : (['proxy'] as const);

/** Traces a connection; a link is `near` where nothing is said of it. */
async function traced(
  mode: string,
  changes: Partial<Omit<TraceOptions, 'link'>> & { link?: LinkInput } = {},
): Promise<{ capture: Capture; document: TraceDocument }> {
  const { link = { name: 'near', oneWayMs: 1 }, ...others } = changes;
  const capture = await trace({
    mode,
    link: resolveLink(link),
    broker: AEDES,
    backend: BACKENDS[0],
    qos: 1,
    payloadBytes: 64,
    seed: 1,
    observer: SILENT,
    signal: new AbortController().signal,
    ...others,
  });
  await expectNothingLeft();
  return { capture, document: documentOf(capture.about, dissect(capture), true) };
}

/** All that a document names, and the first words of the MQTT packets among it. */
function namesOf({ packets }: TraceDocument): string[] {
  return packets.flatMap(({ contents }) => contents.map(({ name }) => name));
}

function mqttOf(document: TraceDocument): string[] {
  const mqtt = document.packets.flatMap(({ contents }) =>
    contents.filter(({ protocol }) => protocol === 'MQTT'),
  );
  return mqtt.map(({ name }) => name.split(' ')[0] ?? '');
}

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

/** Each of both ends' acknowledgements, too. */
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
].toSorted();

const FIELDS = [
  'frame.time_relative',
  'ip.src',
  'ip.len',
  'tcp.seq',
  'tcp.len',
  'ip.checksum.status',
  'tcp.checksum.status',
  'tcp.analysis.flags',
  '_ws.malformed',
  'mqtt.msgtype',
] as const;

/** What tshark shows of each packet of a file, decrypted by nothing but what stands in the file. */
async function tshark(
  file: string,
  { packets: [syn], tls }: TraceDocument,
): Promise<Record<(typeof FIELDS)[number], string>[]> {
  const port = syn?.destination.split(':')[1] ?? '';
  const as =
    tls === undefined ? [`tcp.port==${port},mqtt`] : [`tcp.port==${port},tls`, `tls.port==${port},mqtt`];
  const { stdout } = await execa('tshark', [
    '-r',
    file,
    ...as.flatMap((rule) => ['-d', rule]),
    '-o',
    'ip.check_checksum:TRUE',
    '-o',
    'tcp.check_checksum:TRUE',
    '-T',
    'fields',
    ...FIELDS.flatMap((field) => ['-e', field]),
  ]);
  return stdout.split('\n').map((line) => {
    const values = line.split('\t');
    return Object.fromEntries(FIELDS.map((field, index) => [field, values[index] ?? ''])) as Record<
      (typeof FIELDS)[number],
      string
    >;
  });
}

/** Writes a capture and holds what tshark finds in it against what the listing says. */
async function expectTsharkAgrees(capture: Capture, document: TraceDocument): Promise<void> {
  const file = join(temporaryFolder(), 'it.pcapng');
  await writeCapture(file, pcapngOf(capture, 'test'), { overwrite: false });
  const seen = await tshark(file, document);
  const mqtt = seen.flatMap((packet) => packet['mqtt.msgtype'].split(',').filter((type) => type !== ''));
  expect(mqtt.map((type) => TYPES[Number(type)])).toEqual(mqttOf(document));
  expect(
    seen.map((packet) => [packet['ip.src'], packet['ip.len'], packet['tcp.seq'], packet['tcp.len']]),
  ).toEqual(
    document.packets.map(({ source, lengthBytes, tcp }) => [
      source.split(':')[0],
      `${lengthBytes}`,
      `${tcp.sequence}`,
      `${tcp.payloadBytes}`,
    ]),
  );
  for (const [index, packet] of seen.entries()) {
    expect(Number(packet['frame.time_relative'])).toBeCloseTo(document.packets[index]?.timeSeconds ?? NaN, 6);
    const [ip, tcp] = [packet['ip.checksum.status'], packet['tcp.checksum.status']];
    expect({ index, ip, tcp, malformed: packet['_ws.malformed'] }).toEqual({
      index,
      ip: '1',
      tcp: '1',
      malformed: '',
    });
    // A kernel on a busy machine may send again; a model over a link without losses has no reason to.
    const remarks = document.synthetic ? packet['tcp.analysis.flags'] : '';
    expect([index, remarks]).toEqual([index, '']);
  }
  const { stdout: comments } = await execa('capinfos', ['-k', file]);
  expect(comments.includes('Synthetic packets')).toBe(document.synthetic);
}

const MODES = ['plain', 'tls13', 'tls12-psk'];
/** Other suites and flights, which hang on no backend, and of the modes those that a second backend need not repeat. */
const FURTHER = [
  'tls12',
  'tls13-psk',
  'mtls13',
  'tls12-psk-ccm8',
  'tls12-ecdhe-psk+suite=TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256',
  'tls12-resumed-ticket',
  'tls13-resumed',
  'tls13-hrr',
  'tls13+pipelined=true',
  'tls13+suite=TLS_CHACHA20_POLY1305_SHA256',
];

describe.skipIf(!hasTshark).each(BACKENDS)('over %s', (backend) => {
  it.each(backend === BACKENDS[0] ? [...MODES, ...FURTHER] : MODES)(
    '%s: tshark finds every MQTT packet that the listing names, decrypted by the file',
    async (mode) => {
      const { capture, document } = await traced(mode, { backend });
      expect(document).toMatchObject({
        mode,
        backend,
        synthetic: backend === 'proxy',
        outcome: { status: 'ok' },
      });
      expect(document.tls?.unreadRecords ?? 0).toBe(0);
      expect(mqttOf(document).toSorted()).toEqual(EVERY_STEP);
      await expectTsharkAgrees(capture, document);
    },
  );

  it.each([
    [0, EVERY_STEP.filter((name) => name !== 'PUBACK')],
    [
      2,
      [
        ...EVERY_STEP.filter((name) => name !== 'PUBACK'),
        ...['PUBREC', 'PUBREL', 'PUBCOMP'].flatMap((name) => [name, name]),
      ].toSorted(),
    ],
  ] as const)('QoS %s, with a message of many segments', async (qos, steps) => {
    const { capture, document } = await traced('tls13', { backend, qos, payloadBytes: 40_000 });
    expect(mqttOf(document).toSorted()).toEqual(steps);
    expect(document.packets.some(({ endsIn }) => endsIn !== undefined)).toBe(true);
    await expectTsharkAgrees(capture, document);
  });
});

test.each(BACKENDS)('over %s each step waits for a round trip', { retry: 2 }, async (backend) => {
  const { document } = await traced('tls12', { backend, link: { name: 'far', rttMs: 200 } });
  const at = (name: string): number =>
    document.packets.find(({ contents }) => contents.some((one) => one.name.startsWith(name)))?.timeSeconds ??
    NaN;
  // RFC 5246 §7.3: two round trips of TLS after one of TCP. At the client's end an answer is one after its question.
  for (const [name, seconds] of [
    ['ClientHello', 0.2],
    ['ServerHello', 0.4],
    ['CONNECT', 0.6],
    ['CONNACK', 0.8],
    ['SUBACK', 1.0],
    ['PINGRESP', 1.4],
  ] as const) {
    expect(at(name)).toBeGreaterThanOrEqual(seconds);
    expect(at(name)).toBeLessThan(seconds + 0.19);
  }
});

test.skipIf(!hasMosquitto)('of MQTT 5 and of mosquitto, too', async () => {
  const { document } = await traced('tls13-psk+mqtt=5', { broker: brokerOf('mosquitto') });
  expect(document.broker).toMatch(/^mosquitto/);
  expect(mqttOf(document).toSorted()).toEqual(EVERY_STEP);
  expect(namesOf(document).some((name) => name.startsWith('CONNECT') && name.endsWith('MQTT 5.0)'))).toBe(
    true,
  );
});

test('losses, and what mends them, are seen at the client’s end', async () => {
  const { document } = await traced('tls13', {
    link: { name: 'bad', oneWayMs: 5, loss: 0.15 },
    seed: 5,
    payloadBytes: 60_000,
  });
  expect(mqttOf(document).toSorted()).toEqual(EVERY_STEP);
  expect(document.tls?.unreadRecords).toBe(0);
  const places = new Set(document.packets.map(({ tcp: { place } }) => place));
  expect(places).toContain('retransmission');
  expect(places).toContain('behind-hole');
  expect(places).toContain('fills-hole');
});

test('a connection that is to be refused is traced as far as it comes', async () => {
  const { document } = await traced('mtls13+client=revoked');
  expect(document.outcome.status).toBe('refused');
  const names = namesOf(document);
  expect(names).toContain('CertificateRequest');
  // The client believes itself done before the broker has looked at its certificate.
  expect(names.some((name) => name.startsWith('CONNECT'))).toBe(true);
  expect(names.some((name) => name.startsWith('CONNACK'))).toBe(false);
});

test('what is interrupted throws, and leaves nothing', async () => {
  const interrupt = new AbortController();
  const observer = {
    ...SILENT,
    step: (text: string) => void (text.startsWith('running') && interrupt.abort()),
  };
  await expect(traced('tls13', { signal: interrupt.signal, observer })).rejects.toMatchObject({
    exitCode: 130,
  });
  await expectNothingLeft();
});
