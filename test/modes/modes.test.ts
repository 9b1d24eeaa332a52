import { createServer } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { mismatches } from '../../src/modes/check.ts';
import { MODE_NAMES, MODES, modeNamed } from '../../src/modes/index.ts';
import type { Mode } from '../../src/modes/mode.ts';
import { describeTls } from '../../src/modes/observe.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { connectPair, type Outcome } from './tls-pair.ts';

const FOLDER = new URL('../../src/modes/', import.meta.url);
const TLS_MODES: Mode[] = MODES.filter((mode: Mode) => mode.expected.protocol !== undefined);

const newFolder = sharedFolders();
let run: Pki;
let otherRun: Pki;
beforeAll(async () => {
  [run, otherRun] = await Promise.all([makePki(newFolder()), makePki(newFolder())]);
});

function pair(mode: Mode, change: { broker?: Partial<Pki['broker']>; client?: Partial<Pki['client']> } = {}) {
  return connectPair({
    broker: { mode, material: { ...run.broker, ...change.broker } },
    client: { mode, material: { ...run.client, ...change.client } },
  });
}

/** What the two ends can tell of a mode. */
function told({ expected }: Mode): unknown {
  return { ...expected, helloRetryRequest: undefined };
}

/** The reasons for which a connection of a mode would be excluded. */
function reasons(mode: Mode, { client, broker }: Outcome): string[] {
  const expected = { ...mode.expected, brokerNoDelay: true };
  return [
    ...mismatches(expected, 'client', client ?? {}),
    ...mismatches(expected, 'broker', broker ?? {}),
  ].map(({ reason }) => reason);
}

describe('the list of modes', () => {
  it('holds each under its own name', () => {
    expect(MODE_NAMES).toEqual(expect.arrayContaining(['plain', 'tls12', 'tls13', 'tls12-psk', 'tls13-psk']));
    expect(new Set(MODE_NAMES).size).toBe(MODE_NAMES.length);
    for (const name of MODE_NAMES) expect(modeNamed(name).name).toBe(name);
    expect(() => modeNamed('tls11')).toThrow(/Expected one of plain, tls12, .*got 'tls11'/);
  });

  it('holds every mode file, and each is short', () => {
    const files = readdirSync(FOLDER).filter((file) => /^(plain|m?tls\d\d.*)\.ts$/.test(file));
    expect(files.map((file) => file.replace('.ts', '')).toSorted()).toEqual(MODE_NAMES.toSorted());
    for (const file of files) {
      expect(readFileSync(new URL(file, FOLDER), 'utf8').split('\n').length).toBeLessThan(100);
    }
  });
});

describe.each(TLS_MODES)('$name', (mode) => {
  it('negotiates what it says, at both ends, and carries data', async () => {
    const outcome = await pair(mode);
    expect(outcome.clientError).toBeUndefined();
    expect(outcome.echoed).toBe(true);
    expect(outcome.client).toBeDefined();
    expect(outcome.broker).toBeDefined();
    expect(reasons(mode, outcome)).toEqual([]);
  });

  it('is told apart from every other TLS mode', async () => {
    const outcome = await pair(mode);
    const agreeing = TLS_MODES.filter((other) => reasons(other, outcome).length === 0);
    // What was negotiated does not tell by what a session was resumed, nor whether the broker asked for another group:
    // the link's tap does. Some modes are others under a second name.
    const twins = TLS_MODES.filter((other) => isDeepStrictEqual(told(other), told(mode)));
    expect(agreeing.map(({ name }) => name)).toEqual(twins.map(({ name }) => name));
  });

  it('refuses a broker of another run', async () => {
    const { identity, psk } = otherRun.broker;
    const { client, clientError, echoed } = await pair(mode, { broker: { identity, psk } });
    expect(client).toBeUndefined();
    expect(echoed).toBe(false);
    expect(clientError?.code).toMatch(
      mode.expected.psk ? /DECRYPT_ERROR|BAD_RECORD_MAC/ : /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
    );
  });
});

describe('the PSK modes', () => {
  it.each(['tls12-psk', 'tls13-psk'])('%s: a wrong key or identity fails at both ends', async (name) => {
    const mode = modeNamed(name);
    const { identity, key } = run.client.psk;
    const wrongKey = await pair(mode, { client: { psk: { identity, key: otherRun.client.psk.key } } });
    const wrongIdentity = await pair(mode, { client: { psk: { identity: 'someone', key } } });
    for (const outcome of [wrongKey, wrongIdentity]) {
      expect(outcome.clientError).toBeDefined();
      expect(outcome).toMatchObject({ client: undefined, broker: undefined, echoed: false });
    }
  });

  it.each(['tls12-psk', 'tls13-psk'])('%s: the client takes no certificate instead', async (name) => {
    const mode = modeNamed(name);
    const certificates = modeNamed(name.replace('-psk', ''));
    const outcome = await connectPair({
      broker: { mode: certificates, material: run.broker },
      client: { mode, material: run.client },
    });
    expect(outcome.clientError?.code).toMatch(/^(ERR_SSL_|UNABLE_TO_VERIFY_)/);
    expect(outcome).toMatchObject({ client: undefined, broker: undefined, echoed: false });
  });
});

describe('the mutual modes', () => {
  it('mtls12: the broker refuses a certificate of another CA before the client believes itself done', async () => {
    const outcome = await pair(modeNamed('mtls12'), { client: { identity: otherRun.client.identity } });
    expect(outcome).toMatchObject({ client: undefined, broker: undefined, echoed: false });
    expect(outcome.clientError).toBeDefined();
  });

  it('mtls13: the broker refuses it after the client believes itself done', async () => {
    const outcome = await pair(modeNamed('mtls13'), { client: { identity: otherRun.client.identity } });
    expect(outcome.client).toMatchObject({ protocol: 'TLSv1.3' });
    expect(outcome).toMatchObject({ broker: undefined, echoed: false });
  });

  it.each(['mtls12', 'mtls13'])('%s: the broker refuses a client without a certificate', async (name) => {
    const outcome = await connectPair({
      broker: { mode: modeNamed(name), material: run.broker },
      client: { mode: modeNamed(name.replace('m', '')), material: run.client },
    });
    expect(outcome).toMatchObject({ broker: undefined, echoed: false });
  });

  it('a client refuses a certificate that was made for clients as the broker’s', async () => {
    const { client, clientError } = await pair(modeNamed('tls13'), {
      broker: { identity: run.client.identity },
      client: { caPem: run.broker.caPem },
    });
    expect(client).toBeUndefined();
    expect(clientError?.code).toBe('INVALID_PURPOSE');
  });
});

describe('mismatches', () => {
  it('name what another version negotiated', async () => {
    const outcome = await pair(modeNamed('tls12'));
    expect(reasons(modeNamed('tls13'), outcome)).toEqual([
      'mismatch:client.protocol',
      'mismatch:client.suite',
      'mismatch:broker.protocol',
      'mismatch:broker.suite',
    ]);
  });

  it('say what was found and what was asked for', async () => {
    const { client } = await pair(modeNamed('tls12'));
    const [first] = mismatches(
      { ...modeNamed('tls13').expected, brokerNoDelay: true },
      'client',
      client ?? {},
    );
    expect(first?.detail).toBe('the client negotiated protocol = TLSv1.2, the mode asks for TLSv1.3');
  });

  it.each(['tls12', 'tls13'])(
    '%s: tell a resumed session where a full handshake is asked for',
    async (name) => {
      const mode = modeNamed(name);
      // Each connection has a server of its own; what they share is the key of their tickets.
      const ticketKeys = Buffer.alloc(48, name);
      const keyed: Mode = { ...mode, broker: (material) => ({ ...mode.broker(material), ticketKeys }) };
      const ends = {
        broker: { mode: keyed, material: run.broker },
        client: { mode, material: run.client },
      };
      const [session] = (await connectPair(ends)).sessions;
      expect(session).toBeDefined();
      if (session === undefined) return;
      const outcome = await connectPair({ ...ends, client: { ...ends.client, session } });
      expect(outcome.echoed).toBe(true);
      expect(reasons(mode, outcome)).toEqual(
        expect.arrayContaining(['mismatch:client.resumed', 'mismatch:broker.resumed']),
      );
    },
  );

  it('tell a client that was not verified', async () => {
    const outcome = await pair(modeNamed('tls13'));
    expect(reasons(modeNamed('mtls13'), outcome)).toEqual(['mismatch:broker.peerName']);
  });

  it('tell Nagle’s algorithm at either end, and TLS on what should be plain', () => {
    const plain = { ...modeNamed('plain').expected, brokerNoDelay: true };
    const found = (end: 'client' | 'broker', noDelay: boolean): string[] =>
      mismatches(plain, end, { noDelay }).map(({ reason }) => reason);
    expect(found('client', true)).toEqual([]);
    expect(found('client', false)).toEqual(['mismatch:client.noDelay']);
    expect(found('broker', false)).toEqual(['mismatch:broker.noDelay']);
    expect(mismatches({ ...plain, brokerNoDelay: false }, 'broker', { noDelay: false })).toEqual([]);
    expect(mismatches(plain, 'client', { noDelay: true, protocol: 'TLSv1.3' })).toMatchObject([
      { reason: 'mismatch:client.protocol' },
    ]);
  });
});

describe('describeTls', () => {
  it('has nothing to say of a connection that ended in its handshake', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const socket = connect({ host: '127.0.0.1', port: (server.address() as { port: number }).port });
    await new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
    server.close();
    expect(describeTls(socket, undefined, true)).toEqual({ noDelay: true });
  });
});
