import type { TlsOptions } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TlsRecord, TlsWire } from '../../../src/measure/tls-wire.ts';
import { MODES } from '../../../src/modes/index.ts';
import type { Mode } from '../../../src/modes/mode.ts';
import { makePki, type Pki } from '../../helpers/pki.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';
import {
  clientOptions,
  CONNACK,
  CONNECT,
  listenTls,
  record,
  recordMode,
  sent,
  tapped,
  type Recording,
} from './recording.ts';

/** What a record adds to its content: AES-GCM in TLS 1.2 (RFC 5288 §3) and TLS 1.3 (RFC 8446 §5.2). */
const OVERHEAD = { 'TLSv1.2': 5 + 8 + 16, 'TLSv1.3': 5 + 1 + 16 } as const;
/** The names that Node has for groups. */
const NODE_NAMES: Record<string, string> = {
  x25519: 'X25519',
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
};

const folder = sharedFolders();
let pki: Pki;
beforeAll(async () => {
  pki = await makePki(folder());
});

/** Messages and encrypted records of an end, in order. */
function told(wire: TlsWire | undefined, from: TlsRecord['from']): string[] {
  return (wire?.records ?? [])
    .filter((record) => record.from === from)
    .flatMap(({ record, messages, count = 1 }) =>
      messages === undefined ? Array.from({ length: count }, () => record) : messages.map(({ name }) => name),
    );
}

/** Every fact of a whole handshake against what was sent and what the client says. */
function expectWhole(recording: Recording, wire: TlsWire | undefined): void {
  const { client } = recording;
  const protocol = client?.protocol as keyof typeof OVERHEAD;
  expect(wire).toMatchObject({ version: protocol, suite: client?.suite });
  expect(wire).not.toHaveProperty('incomplete');
  expect(NODE_NAMES[wire?.group ?? ''] ?? wire?.group).toBe(client?.group);
  for (const [from, way, first] of [
    ['client', 'up', CONNECT],
    ['broker', 'down', CONNACK],
  ] as const) {
    const share = wire?.handshake[way];
    expect(share?.bytes).toBe(sent(recording, from) - first.length - OVERHEAD[protocol]);
    const mine = (wire?.records ?? []).filter((record) => record.from === from);
    expect(mine.reduce((sum, { bytes, count = 1 }) => sum + bytes * count, 0)).toBe(share?.bytes);
    expect(mine.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(share?.records);
    for (const { messages, bytes } of mine.filter((record) => record.messages !== undefined))
      expect(messages?.reduce((sum, message) => sum + message.bytes, 5)).toBe(bytes);
  }
}

const hidden = (count: number): string => ' application_data'.repeat(count);

describe('a recorded handshake', () => {
  it.each<[string, string, string]>([
    [
      'tls12',
      'ClientHello ClientKeyExchange change_cipher_spec handshake',
      'ServerHello Certificate ServerKeyExchange ServerHelloDone NewSessionTicket change_cipher_spec handshake',
    ],
    [
      'mtls12',
      'ClientHello Certificate ClientKeyExchange CertificateVerify change_cipher_spec handshake',
      'ServerHello Certificate ServerKeyExchange CertificateRequest ServerHelloDone NewSessionTicket change_cipher_spec handshake',
    ],
    [
      'tls12-psk',
      'ClientHello ClientKeyExchange change_cipher_spec handshake',
      'ServerHello ServerHelloDone NewSessionTicket change_cipher_spec handshake',
    ],
    // EncryptedExtensions, Certificate, CertificateVerify, Finished, two tickets.
    ['tls13', `ClientHello change_cipher_spec${hidden(1)}`, `ServerHello change_cipher_spec${hidden(6)}`],
    ['mtls13', `ClientHello change_cipher_spec${hidden(3)}`, `ServerHello change_cipher_spec${hidden(7)}`],
    // OpenSSL gives one ticket after a PSK.
    ['tls13-psk', `ClientHello change_cipher_spec${hidden(1)}`, `ServerHello change_cipher_spec${hidden(3)}`],
  ])('of %s is told message by message and to the byte', async (name, up, down) => {
    const recording = await recordMode(modeOf(name), pki);
    const wire = tapped(recording.chunks);
    expectWhole(recording, wire);
    expect(told(wire, 'client').join(' ')).toBe(up);
    expect(told(wire, 'broker').join(' ')).toBe(down);
    expect(wire?.helloRetryRequest).toBe(false);
    expect(wire?.session?.accepted).toBe(name === 'tls13-psk' ? 'pre_shared_key' : 'none');
    expect(wire?.brokerCertificates !== undefined).toBe(['tls12', 'mtls12'].includes(name));
    expect(wire?.clientCertificates !== undefined).toBe(name === 'mtls12');
  });

  it.each<[string, string, TlsOptions, TlsWire['session']]>([
    [
      'session_ticket',
      'tls12',
      {},
      { offered: ['session_id', 'session_ticket'], accepted: 'session_ticket' },
    ],
    ['pre_shared_key', 'tls13', {}, { offered: ['pre_shared_key'], accepted: 'pre_shared_key' }],
  ])(
    'resumed by %s is told as such, and as refused by a broker with other keys',
    async (_, name, options, session) => {
      const mode = modeOf(name);
      const listen = (): ReturnType<typeof listenTls> =>
        listenTls({ ...mode.broker(pki.broker), ...options });
      const [first, other] = [await listen(), await listen()];
      const full = await record(first.port, clientOptions(mode, pki));
      const offer = { ...clientOptions(mode, pki), ...lastOf(full.sessions) };
      const resumed = await record(first.port, offer);
      const refused = await record(other.port, offer);
      for (const { server } of [first, other]) server.close();

      expect(resumed.client?.reused).toBe(true);
      expect(tapped(resumed.chunks)?.session).toEqual(session);
      expect(tapped(resumed.chunks)).not.toHaveProperty('brokerCertificates');
      expectWhole(
        { ...resumed, client: resumed.client && { ...resumed.client, ...groupOf(resumed) } },
        tapped(resumed.chunks),
      );
      expect(refused.client?.reused).toBe(false);
      expect(tapped(refused.chunks)?.session).toEqual({ ...session, accepted: 'none' });
    },
  );

  it('resumed by session id is told as such', async () => {
    const mode = modeOf('tls12');
    // SSL_OP_NO_TICKET
    const options: TlsOptions = { ...mode.broker(pki.broker), secureOptions: 0x4000 };
    const kept = new Map<string, Buffer>();
    const { server, port } = await listenTls(options);
    server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
      kept.set(id.toString('hex'), data);
      done();
    });
    server.on('resumeSession', (id: Buffer, done: (error: null, data: Buffer | null) => void) =>
      done(null, kept.get(id.toString('hex')) ?? null),
    );
    const full = await record(port, clientOptions(mode, pki));
    const resumed = await record(port, { ...clientOptions(mode, pki), ...lastOf(full.sessions) });
    server.close();
    expect(resumed.client?.reused).toBe(true);
    expect(tapped(resumed.chunks)?.session).toEqual({ offered: ['session_id'], accepted: 'session_id' });
    expect(told(tapped(resumed.chunks), 'broker')).toEqual([
      'ServerHello',
      'change_cipher_spec',
      'handshake',
    ]);
  });

  it('with a HelloRetryRequest has both hellos twice, and the group that was asked for', async () => {
    const recording = await recordPair({ ecdhCurve: 'P-384' }, { ecdhCurve: 'X25519:P-384' });
    const wire = tapped(recording.chunks);
    expectWhole(recording, wire);
    expect(wire).toMatchObject({ helloRetryRequest: true, group: 'secp384r1' });
    expect(told(wire, 'client').slice(0, 3)).toEqual(['ClientHello', 'change_cipher_spec', 'ClientHello']);
    expect(told(wire, 'broker').slice(0, 3)).toEqual([
      'HelloRetryRequest',
      'change_cipher_spec',
      'ServerHello',
    ]);
  });

  it.each([
    ['secp256r1', 'P-256', 'TLS_AES_256_GCM_SHA384'],
    ['X25519MLKEM768', 'X25519MLKEM768', 'TLS_AES_128_CCM_8_SHA256'],
    ['SecP256r1MLKEM768', 'SecP256r1MLKEM768', 'TLS_CHACHA20_POLY1305_SHA256'],
  ])('names the group %s, with %s and %s', async (group, ecdhCurve, ciphers) => {
    const both = { ecdhCurve, ciphers: `${ciphers}:DEFAULT@SECLEVEL=0` };
    const recording = await recordPair(both, both);
    const wire = tapped(recording.chunks);
    expect(wire).toMatchObject({ group, suite: ciphers });
    const tag = ciphers.includes('CCM_8') ? 8 : 16;
    expect(wire?.handshake.up?.bytes).toBe(sent(recording, 'client') - CONNECT.length - 5 - 1 - tag);
    expect(wire?.handshake.down?.bytes).toBe(sent(recording, 'broker') - CONNACK.length - 5 - 1 - tag);
  });

  it.each([1, 2, 3])('of TLS 1.2 tells that the broker shows %i certificates', async (count) => {
    const { certPem } = pki.broker.identity;
    const chain = [certPem, ...Array.from({ length: count - 1 }, () => pki.broker.caPem)].join('\n');
    const recording = await recordPair({ cert: chain, maxVersion: 'TLSv1.2' }, {});
    expectWhole(recording, tapped(recording.chunks));
    expect(tapped(recording.chunks)?.brokerCertificates).toBe(count);
  });

  it('of TLS 1.3 whose client shows no certificate although asked ends where it ends', async () => {
    const recording = await recordPair({ requestCert: true, rejectUnauthorized: false }, {});
    expectWhole(recording, tapped(recording.chunks));
    expect(told(tapped(recording.chunks), 'client')).toEqual([
      'ClientHello',
      'change_cipher_spec',
      'application_data',
      'application_data',
    ]);
  });
});

describe('a handshake that fails', () => {
  it('tells a plaintext alert by its name', async () => {
    const recording = await recordPair(
      { minVersion: 'TLSv1.3' },
      { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
    );
    const wire = tapped(recording.chunks);
    expect(wire?.alerts).toEqual([{ from: 'broker', level: 'fatal', description: 'protocol_version' }]);
    expect(wire?.handshake).toEqual({});
  });

  it('tells what the broker of a PSK says to a wrong key', async () => {
    const { client, ...rest } = pki;
    const wrong = { ...client, psk: { ...client.psk, key: Buffer.alloc(32, 1) } };
    const mode = modeOf('tls13-psk');
    const { server, port } = await listenTls(mode.broker(pki.broker) ?? {});
    const recording = await record(port, clientOptions(mode, { ...rest, client: wrong }));
    server.close();
    const wire = tapped(recording.chunks);
    expect(wire?.alerts).toEqual([{ from: 'broker', level: 'fatal', description: 'decrypt_error' }]);
    expect(wire).not.toHaveProperty('version');
    expect(wire).not.toHaveProperty('session');
  });

  it.each(['tls12', 'tls13'])('of %s tells an encrypted alert without its name', async (name) => {
    const mode = modeOf(name);
    const { server, port } = await listenTls(mode.broker(pki.broker) ?? {});
    const recording = await record(port, clientOptions(mode, pki), false);
    server.close();
    const wire = tapped(recording.chunks);
    expect(wire?.alerts?.[0]).toEqual({ from: 'client' });
    expect(wire?.handshake).toEqual({});
  });
});

function modeOf(name: string): Mode {
  const mode = MODES.find((mode) => mode.name === name);
  if (mode === undefined) throw new Error(`No mode ${name}`);
  return mode;
}

function lastOf(sessions: readonly Buffer[]): { session?: Buffer } {
  const session = sessions.at(-1);
  return session === undefined ? {} : { session };
}

/** Node tells a group for a session that was resumed without a key exchange: that of the full handshake. */
function groupOf({ chunks }: Recording): { group: string | undefined } {
  const { group } = tapped(chunks) ?? {};
  return { group: NODE_NAMES[group ?? ''] ?? group };
}

/** Records a connection of ends with the run's certificates and these options, TLS 1.3 when they do not say. */
async function recordPair(broker: TlsOptions, client: Parameters<typeof record>[1]): Promise<Recording> {
  const { certPem: cert, keyPem: key } = pki.broker.identity;
  const { server, port } = await listenTls({ cert, key, ...broker });
  try {
    return await record(port, { ca: pki.client.caPem, ...client });
  } finally {
    server.close();
  }
}
