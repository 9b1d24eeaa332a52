import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BrokerOptions, RunningBroker } from '../../src/broker/broker.ts';
import { external } from '../../src/broker/external.ts';
import { mismatches } from '../../src/modes/check.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { BROKER_NAME } from '../../src/pki/material.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { Attempt } from '../../src/swarm/workloads/handshake.protocol.ts';
import { startAedes } from '../helpers/broker.ts';
import { holdings, setVariables, urlsOf } from '../helpers/external.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { startSwarm, type WatchedWorker } from '../helpers/swarm.ts';
import { freePort } from '../helpers/tcp.ts';
import { sharedFolders, temporaryFolder } from '../helpers/temporary-folder.ts';

const MODES = ['plain', 'tls12', 'tls13', 'mtls13', 'tls13-resumed', 'tls13-psk'];
const newFolder = sharedFolders();
/** The other broker's, and the one that a run makes for itself. */
let theirs: Pki;
let own: Pki;
let broker: RunningBroker;
let swarm: WatchedWorker;
beforeAll(async () => {
  [theirs, own] = await Promise.all([makePki(newFolder()), makePki(newFolder())]);
  const ends: (() => Promise<void>)[] = [];
  ({ broker } = await startAedes(theirs.folder, { modes: MODES }, (stop) => ends.push(stop)));
  swarm = await startSwarm(own.folder, [], (stop) => ends.push(stop));
  return async () => void (await Promise.all(ends.map((end) => end())));
});

function choose(changes: Record<string, unknown> = {}) {
  return brokerOf({ name: 'external', urls: urlsOf(broker, MODES), ...holdings(theirs.folder), ...changes });
}

function options(changes: Partial<BrokerOptions> = {}): BrokerOptions {
  return {
    choice: choose(),
    host: '127.0.0.1',
    modes: MODES,
    pkiFolder: own.folder,
    prefix: [],
    onRecord: () => {},
    onRefusal: () => {},
    onCrash: () => {},
    ...changes,
  };
}

/** One connection of a mode, as a swarm process makes it that has the run's own PKI. */
async function attempt(mode: string, choice = choose()): Promise<Attempt> {
  const { listeners, access } = await external.start(options({ choice, modes: [mode] }));
  const { host, port } = listeners.get(mode) ?? { host: 'nowhere', port: 0 };
  const target = { cell: 0, mode, host, port, modelledConnectMs: 0, ...access?.(mode) };
  await swarm.worker.call('prepare', { pkiFolder: own.folder, targets: [target] });
  const { attempts } = await swarm.handshake([{ id: 1, cell: 0, atMs: 0 }], { qos: 1, timeoutMs: 5000 });
  const [only] = attempts;
  if (only === undefined) throw new Error('No attempt');
  return only;
}

describe('clients of a broker that runs already', () => {
  it.each(['plain', 'tls12', 'tls13', 'mtls13'])(
    '%s: are let in, by what the scenario gives them',
    async (mode) => {
      const choice = choose();
      const { failure, negotiated, stampsUs } = await attempt(mode, choice);
      expect(failure).toBeUndefined();
      expect(stampsUs.pubackReceived).toBeDefined();
      const brokerName = external.peerName(modeNamed(mode), choice);
      expect(brokerName).toBe(BROKER_NAME);
      expect(
        mismatches({ ...modeNamed(mode).expected, brokerNoDelay: true, brokerName }, 'client', negotiated),
      ).toEqual([]);
    },
  );

  it('know the key that environment variables have', async () => {
    const { identity, key } = theirs.client.psk;
    setVariables({ THEIR_IDENTITY: identity, THEIR_KEY: key.toString('hex') });
    const choice = choose({ pskIdentity: 'env:THEIR_IDENTITY', pskKey: 'env:THEIR_KEY' });
    const { failure, negotiated } = await attempt('tls13-psk', choice);
    expect(failure).toBeUndefined();
    expect(negotiated.pskIdentity).toBe(identity);
  });

  it('verify the authorities', async () => {
    const choice = choose({ ca: holdings(own.folder).ca });
    expect((await attempt('tls13', choice)).failure?.reason).toBe('tls:UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('verify against those that Node trusts, where the scenario names none', async () => {
    const { serverName } = holdings(theirs.folder);
    const choice = brokerOf({ name: 'external', urls: urlsOf(broker, ['tls13']), serverName });
    expect((await attempt('tls13', choice)).failure?.reason).toBe('tls:UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it.each([
    ['a name', () => ({ serverName: 'other.example' })],
    ['an address', () => ({ serverName: '198.18.0.1' })],
    [
      'the host of the URL',
      () => {
        const { port } = broker.listeners.get('tls13') ?? { port: 0 };
        return { serverName: undefined, urls: { tls13: `mqtts://localhost:${port}` } };
      },
    ],
  ])('verify %s', async (_, changes) => {
    const { failure } = await attempt('tls13', choose(changes()));
    expect(failure?.reason).toBe('tls:ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('take an address that the certificate carries', async () => {
    const choice = choose({ serverName: undefined });
    expect(external.peerName(modeNamed('tls13'), choice)).toBe('127.0.0.1');
    const { failure, negotiated } = await attempt('tls13', choice);
    expect(failure).toBeUndefined();
    expect(negotiated.peerName).toBe('127.0.0.1');
  });

  it('fail by name where TLS is spoken to a plain port', async () => {
    const { host, port } = broker.listeners.get('plain') ?? { host: '', port: 0 };
    const { failure } = await attempt('tls13', choose({ urls: { tls13: `mqtts://${host}:${port}` } }));
    // Aedes takes a ClientHello for a packet that it does not know.
    expect(failure?.reason).toMatch(/^(closed-by-broker|tcp-reset|tls:ERR_SSL_WRONG_VERSION_NUMBER)$/);
  });

  it('have identifiers of their own, within what every broker takes', async () => {
    const prefixes = await Promise.all(
      [1, 2].map(async () => (await external.start(options())).access?.('plain').clientIdPrefix),
    );
    expect(new Set(prefixes).size).toBe(2);
    for (const prefix of prefixes) expect(prefix).toMatch(/^MTB[A-Z]{5}$/);
  });
});

describe('what cannot be', () => {
  it.each([
    [
      'tls12-psk',
      {},
      'the scenario has no URL for it (it has: plain, tls12, tls13, mtls13, tls13-resumed, tls13-psk)',
    ],
    [
      'mtls13',
      { clientCert: undefined, clientKey: undefined },
      'the scenario names no `clientCert` and `clientKey` for it',
    ],
    ['tls13-psk', {}, 'the scenario names no `pskIdentity` and `pskKey` for it'],
    ['tls13+chain=3', {}, 'the certificates of an external broker are its own: `chain` cannot be set'],
    [
      'mtls13+client=revoked',
      {},
      'what an external broker refuses is its own matter: no such certificate of its own is known',
    ],
  ])('%s', (mode, changes, reason) => {
    expect(external.cannot(modeNamed(mode), choose(changes))).toBe(reason);
  });

  it('one URL serves all modes that differ at the client alone', () => {
    expect(external.cannot(modeNamed('tls13+pipelined=true'), choose())).toBeUndefined();
  });
});

describe('before anything is sent', () => {
  const NOWHERE = '/there/is/no/such/folder/ca.pem';

  it.each([
    ['a file that is not there', { ca: NOWHERE }, 2, '`broker.ca`: ' + NOWHERE + ': there is no such file'],
    [
      'a certificate without its key',
      { clientKey: undefined },
      2,
      '`broker.clientCert` is of no use without `broker.clientKey`',
    ],
    [
      'a key without its identity',
      { pskKey: 'env:ANY' },
      2,
      '`broker.pskKey` is of no use without `broker.pskIdentity`',
    ],
    [
      'a variable that is not set',
      { username: 'env:MTB_NOT_SET' },
      5,
      'The environment variable MTB_NOT_SET, which `broker.username` names, is not set',
    ],
  ])('%s is told', async (_, changes, exitCode, message) => {
    await expect(external.check(choose(changes))).rejects.toMatchObject({ exitCode, message });
  });

  it('what is no PEM, or not the key of the certificate, is told', async () => {
    const file = join(temporaryFolder(), 'text.pem');
    writeFileSync(file, 'no certificate');
    await expect(external.check(choose({ ca: file }))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(`\`broker.ca\`: ${file} is of no use`),
    });
    const { clientKey } = holdings(own.folder);
    await expect(external.check(choose({ clientKey }))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^`broker.clientKey`: .* is of no use: .*key values mismatch/),
    });
  });

  it('a key that is not hexadecimal is told, without the key', async () => {
    setVariables({ THEIR_IDENTITY: 'device', THEIR_KEY: 'hush-hush' });
    const choice = choose({ pskIdentity: 'env:THEIR_IDENTITY', pskKey: 'env:THEIR_KEY' });
    await expect(external.check(choice)).rejects.toMatchObject({
      exitCode: 2,
      message: 'What `broker.pskKey` names is not a key in hexadecimal',
    });
  });

  it.each([
    ['pskIdentity', 'd'.repeat(257), 'ab', 257, 256],
    ['pskKey', 'device', 'ab'.repeat(513), 513, 512],
  ])('%s that is longer than any client here can use is told', async (key, identity, psk, has, limit) => {
    setVariables({ THEIR_IDENTITY: identity, THEIR_KEY: psk });
    const choice = choose({ pskIdentity: 'env:THEIR_IDENTITY', pskKey: 'env:THEIR_KEY' });
    await expect(external.check(choice)).rejects.toMatchObject({
      exitCode: 2,
      message: `What \`broker.${key}\` names has ${has} bytes, expected at most ${limit}`,
    });
  });

  it('a host that does not resolve', async () => {
    // RFC 6761 §6.4: no name below it ever does.
    const choice = choose({ urls: { plain: 'mqtt://broker.invalid' } });
    await expect(external.start(options({ choice, modes: ['plain'] }))).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/^The host broker\.invalid of the external broker does not resolve: /),
    });
  });

  it('a port on which nobody listens', async () => {
    const url = `mqtt://localhost:${await freePort()}`;
    const choice = choose({ urls: { plain: url } });
    await expect(external.start(options({ choice, modes: ['plain'] }))).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(
        new RegExp(`^The external broker does not accept connections at ${url}: .*ECONNREFUSED`),
      ),
    });
  });
});
