/**
 * Whether the tap tells of a handshake what an independent tool tells: `npm run -s figures:wire`. One connection of each
 * mode crosses a TUN link on which tshark captures. tshark is given the keys of the connections, so that it knows the
 * messages that the tap cannot see, and with them where application data really begins. Records, bytes and the names
 * and sizes of plaintext messages must agree in each direction; the bytes with the client's socket counters too. Exit
 * code 1 names what does not.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { aedes } from '../../src/broker/aedes.ts';
import { wireFacts } from '../../src/lab/wire.ts';
import type { Flow, OpenLink } from '../../src/link/backend.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { tunBackend } from '../../src/link/tun.ts';
import { nowUs } from '../../src/measure/clock.ts';
import type { WireFacts } from '../../src/measure/tls-wire.ts';
import { MODES } from '../../src/modes/index.ts';
import { createPki } from '../../src/pki/create.ts';
import { DEFAULT_NEEDS } from '../../src/pki/needs.ts';
import { startWorker } from '../../src/swarm/swarm.ts';
import type { Attempt } from '../../src/swarm/workloads/handshake.protocol.ts';
import { until } from '../helpers/processes.ts';
import { AEDES } from '../helpers/runs.ts';
import { conclude } from './run.ts';
import { dissect, type Dissected } from './tshark.ts';

const DEVICE = 'mtb0';
const APART_MS = 100;
/**
 * What encryption adds to a message: in TLS 1.3 its inner type and the tag (RFC 8446 §5.2), in TLS 1.2 nonce and tag
 * (RFC 5288 §3), of which ChaCha20-Poly1305 has no nonce (RFC 7905 §2) and CCM_8 half a tag (RFC 6655 §3).
 */
function addedBytes({ version, suite = '' }: WireFacts): number {
  if (version === 'TLSv1.3') return 17;
  return suite.endsWith('CCM_8') || suite.includes('CHACHA20') ? 16 : 24;
}

/** Without a session, which is not what is looked at here, the modes that resume one are others a second time. */
const MODES_HERE = MODES.filter(({ resumption }) => resumption === undefined).map(({ name }) => name);
const missed: string[] = [];
const folder = await mkdtemp(join(tmpdir(), 'figures-wire-'));
try {
  const keys = join(folder, 'keys');
  const { attempts, flows, capture } = await connectAll(keys);
  for (const [index, mode] of MODES_HERE.entries()) {
    const attempt = attempts.find(({ id }) => id === index);
    const flow = flows.find(
      ({ client, dialledPort }) =>
        client.port === attempt?.local?.port && dialledPort === attempt.dialledPort,
    );
    if (attempt?.local === undefined || attempt.failure !== undefined || flow === undefined) {
      missed.push(`${mode}: no good connection: ${attempt?.failure?.detail ?? 'not seen'}`);
      continue;
    }
    const { host, port } = attempt.local;
    const seen = await dissect({ capture, keys, host, port, dialledPort: attempt.dialledPort });
    compare(mode, flow.tls === undefined ? undefined : wireFacts(flow.tls), seen, attempt);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
conclude(missed);

/** One connection of each mode over one link, whose clients write their keys, and what was captured meanwhile. */
async function connectAll(keys: string): Promise<{ attempts: Attempt[]; flows: Flow[]; capture: string }> {
  const flows: Flow[] = [];
  const attempts: Attempt[] = [];
  const onCrash = (error: Error): void => {
    throw error;
  };
  const capture = join(folder, 'capture.pcapng');
  const pkiFolder = join(folder, 'pki');
  await mkdir(pkiFolder, { mode: 0o700 });
  await createPki(pkiFolder, [DEFAULT_NEEDS]);
  const link = await tunBackend.open({ onFlow: (flow) => flows.push(flow), onCrash });
  try {
    const broker = await aedes.start({
      host: link.brokerHost,
      modes: MODES_HERE,
      pkiFolder,
      choice: AEDES,
      prefix: link.prefix.broker,
      onRecord: () => {},
      onRefusal: () => {},
      onCrash,
    });
    const near = resolveLink({ name: 'near', oneWayMs: 5 });
    const targets = [];
    for (const [cell, mode] of MODES_HERE.entries()) {
      const listener = broker.listeners.get(mode);
      if (listener === undefined) throw new Error(`No listener for ${mode}`);
      const { host, port, modelledConnectMs } = await link.route(near, listener);
      targets.push({ cell, mode, host, port, modelledConnectMs });
    }
    const stopCapture = await startCapture(link, capture);
    const worker = await startWorker({
      name: 'publishers',
      prefix: [...link.prefix.client, 'env', `NODE_OPTIONS=--tls-keylog=${keys} --no-warnings`],
      onEvent: (event) => void (event.kind === 'attempts' && attempts.push(...event.attempts)),
      onCrash,
    });
    await worker.call('prepare', { pkiFolder, targets });
    await worker.call('handshake', {
      startUs: nowUs() + 100_000,
      arrivals: MODES_HERE.map((_, index) => ({ id: index, cell: index, atMs: index * APART_MS })),
      action: 'publish',
      qos: 1,
      client: 'mqttjs',
      payloadBytes: 64,
      timeoutMs: 10_000,
    });
    await until('every attempt is told', () => attempts.length === MODES_HERE.length);
    await until('every connection is told', () => flows.length === MODES_HERE.length);
    await stopCapture();
    await worker.stop();
    await broker.stop();
  } finally {
    await link.close();
  }
  return { attempts, flows, capture };
}

/** Captures on the link's device, in its namespace; answers what ends it. */
async function startCapture(link: OpenLink, into: string): Promise<() => Promise<void>> {
  const [command, ...args] = [...link.prefix.client, 'tshark', '-q', '-i', DEVICE, '-w', into];
  const tshark = execa(command, args, { reject: false, stdin: 'ignore' });
  const size = async (): Promise<number> => (await stat(into).catch(() => undefined))?.size ?? 0;
  await until('tshark captures', async () => (await size()) > 0, 20_000).catch(async (error: unknown) => {
    tshark.kill();
    throw new Error(`tshark does not capture: ${(await tshark).stderr}`, { cause: error });
  });
  return async () => {
    // What it has not written when it ends is lost.
    for (let before = -1; before !== (await size()); await sleep(500)) before = await size();
    tshark.kill('SIGINT');
    await tshark;
  };
}

function compare(mode: string, told: WireFacts | undefined, seen: Dissected, { bytes }: Attempt): void {
  const demand = (what: string, ours: unknown, theirs: unknown): void => {
    if (JSON.stringify(ours) !== JSON.stringify(theirs))
      missed.push(`${mode} ${what}: ${JSON.stringify(ours)} by the tap, ${JSON.stringify(theirs)} otherwise`);
  };
  const secure = mode !== 'plain';
  demand('is TLS', told !== undefined, secure);
  demand('bytes up, by the socket', told?.handshakeUp ?? 0, bytes?.handshakeUp);
  demand('bytes down, by the socket', told?.handshakeDown ?? 0, bytes?.handshakeDown);
  for (const [from, way, share] of [
    ['client', 'up', { bytes: told?.handshakeUp ?? 0, records: told?.recordsUp ?? 0 }],
    ['broker', 'down', { bytes: told?.handshakeDown ?? 0, records: told?.recordsDown ?? 0 }],
  ] as const) {
    const { records, messages } = seen[from];
    const sum = records.reduce((sum, size) => sum + size, 0);
    demand(`${way}, by tshark`, share, { bytes: sum, records: records.length });
    const mine = (told?.messages ?? []).filter((message) => message.from === from);
    const named = mine.filter(({ name }) => !['encrypted', 'ChangeCipherSpec'].includes(name));
    // A HelloRetryRequest is a ServerHello with a random of its own (RFC 8446 §4.1.4).
    const plain = named.map(
      ({ name, bytes }) => `${name.replace('HelloRetryRequest', 'ServerHello')} ${bytes}`,
    );
    demand(`messages ${way}, by tshark`, plain, messages.slice(0, plain.length));
    const decrypted = messages.slice(plain.length);
    demand(
      `encrypted messages ${way}, by tshark`,
      mine
        .filter(({ name }) => name === 'encrypted')
        .map(({ bytes }) => bytes - (told === undefined ? 0 : addedBytes(told))),
      decrypted.map((message) => Number(message.split(' ').at(-1))),
    );
    const row = { mode, from, ...share, messages: plain, encrypted: decrypted };
    if (secure) process.stdout.write(`${JSON.stringify(row)}\n`);
  }
}
