import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../src/pki/authority.ts';
import { createPki } from '../../src/pki/create.ts';
import { readBrokerMaterial, readClientMaterial } from '../../src/pki/folder.ts';
import { keyKind } from '../../src/pki/keys.ts';
import { BROKER_NAME, CLIENT_NAME, type Identity } from '../../src/pki/material.ts';
import {
  DEFAULT_NEEDS,
  KEY_TYPES,
  MAX_CHAIN,
  MAX_PAD_BYTES,
  MIN_PAD_BYTES,
  type CertificateNeeds,
  type KeyType,
} from '../../src/pki/needs.ts';
import { unsupportedKey } from '../../src/pki/unsupported.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { certificatesSent, shakeHands, type Ends } from './handshake.ts';

const CHAINS = [1, 2, 3];
const PADDED = [MIN_PAD_BYTES, 301, 1000, 14_000, MAX_PAD_BYTES];
const LISTED = [0, 1, 10_000];
/** By what error the broker refuses a client: with a chain of 1, a longer one, and a longer one and a list. */
const REFUSED = [
  { client: 'revoked', refusals: ['CERT_REVOKED', 'CERT_REVOKED', 'CERT_REVOKED'] },
  { client: 'expired', refusals: ['CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED', 'CERT_HAS_EXPIRED'] },
  {
    client: 'wrong-ca',
    refusals: ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_GET_CRL'],
  },
] as const;

const newFolder = sharedFolders();
let folder: string;

const variants: Partial<CertificateNeeds>[] = [
  ...KEY_TYPES.flatMap((key) => [0, ...PADDED].map((padBytes) => ({ key, padBytes }))),
  ...CHAINS.map((chain) => ({ chain })),
  ...LISTED.flatMap((crlEntries) => CHAINS.map((chain) => ({ crlEntries, chain }))),
  ...REFUSED.flatMap(({ client }) => CHAINS.map((chain) => ({ client, chain }))),
  ...REFUSED.map(({ client }) => ({ client, crlEntries: 10_000, chain: 2 })),
  { key: 'ml-dsa-65', chain: MAX_CHAIN, padBytes: MAX_PAD_BYTES },
  { key: 'ml-dsa-44', client: 'revoked', chain: 2 },
];

beforeAll(async () => {
  folder = newFolder();
  await createPki(
    folder,
    variants.map((change) => ({ ...DEFAULT_NEEDS, ...change })),
  );
});

async function ends(change: Partial<CertificateNeeds>): Promise<Ends> {
  const needs = { ...DEFAULT_NEEDS, ...change };
  return {
    broker: await readBrokerMaterial(folder, needs),
    client: await readClientMaterial(folder, needs),
  };
}

/** The type that Node gives a key, and what else tells it apart. */
function described(identity: Identity): unknown {
  const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(identity.certPem).publicKey;
  return asymmetricKeyDetails?.modulusLength ?? asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType;
}

describe('a key of type', () => {
  const expected: Record<KeyType, unknown> = {
    'ecdsa-p256': 'prime256v1',
    'ecdsa-p384': 'secp384r1',
    'rsa-2048': 2048,
    'rsa-3072': 3072,
    'rsa-4096': 4096,
    ed25519: 'ed25519',
    'ml-dsa-44': 'ml-dsa-44',
    'ml-dsa-65': 'ml-dsa-65',
  };

  it.each(KEY_TYPES)('%s is what certificates have and both ends verify', async (key) => {
    expect(await unsupportedKey(key)).toBeUndefined();
    const pair = await ends({ key });
    expect(described(pair.broker.identity)).toBe(expected[key]);
    expect(described(pair.client.identity)).toBe(expected[key]);
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const { brokerKey, clientKey, echoed } = await shakeHands(pair, version);
      const works = version === 'TLSv1.3' || keyKind(key).tls12 !== undefined;
      expect({ version, echoed }).toEqual({ version, echoed: works });
      if (!works) continue;
      const type = /^[a-z]+/.exec(key)?.[0] === 'ecdsa' ? 'ec' : key.replace(/^rsa-.*/, 'rsa');
      expect([brokerKey, clientKey]).toEqual([type, type]);
    }
  });
});

describe('an end sends', () => {
  it.each(CHAINS)(
    'as many certificates as the chain has, from the leaf up, without the root: %d',
    async (chain) => {
      const pair = await ends({ chain });
      const { up, down, echoed } = await shakeHands(pair, 'TLSv1.2');
      expect(echoed).toBe(true);
      for (const [wire, rootPem, name] of [
        [up, pair.broker.caPem, CLIENT_NAME],
        [down, pair.client.caPem, BROKER_NAME],
      ] as const) {
        const sent = certificatesSent(wire).map((der) => new X509Certificate(der));
        expect(sent).toHaveLength(chain);
        expect(sent[0]?.subject).toBe(`CN=${name}`);
        const root = new X509Certificate(rootPem);
        for (const [n, each] of sent.entries()) {
          expect(each.verify((sent[n + 1] ?? root).publicKey)).toBe(true);
          expect(each.subject).not.toBe(each.issuer);
        }
      }
    },
  );

  it('its root too where its own is among those it verifies by, which is why there are two', async () => {
    const authority = await createAuthority('one for both ends');
    const [broker, client] = await Promise.all([
      authority.issue({ name: BROKER_NAME, use: 'server', dnsNames: [BROKER_NAME] }),
      authority.issue({ name: CLIENT_NAME, use: 'client' }),
    ]);
    const shared = { caPem: authority.certPem, psk: (await ends({})).client.psk };
    const pair = { broker: { ...shared, identity: broker }, client: { ...shared, identity: client } };
    const { up, down } = await shakeHands(pair, 'TLSv1.2');
    expect([certificatesSent(up).length, certificatesSent(down).length]).toEqual([2, 2]);
  });

  it('no more in TLS 1.3, where the bytes alone can be seen', async () => {
    // Keys and signatures of ML-DSA-65 make certificates so large that nothing else of the handshake counts.
    const pair = await ends({ key: 'ml-dsa-65' });
    const { up, down } = await shakeHands(pair, 'TLSv1.3');
    const signature = 3309;
    for (const [wire, { certPem }] of [
      [up, pair.client.identity],
      [down, pair.broker.identity],
    ] as const) {
      const own = new X509Certificate(certPem).raw.length;
      expect(wire.length).toBeGreaterThan(own + signature);
      expect(wire.length).toBeLessThan(own + signature + 4000);
    }
  });

  it('the longest chain with the largest keys and padding', async () => {
    const { echoed, up, down } = await shakeHands(
      await ends({ key: 'ml-dsa-65', chain: MAX_CHAIN, padBytes: MAX_PAD_BYTES }),
      'TLSv1.3',
    );
    expect(echoed).toBe(true);
    for (const wire of [up, down]) expect(wire.length).toBeGreaterThan(MAX_PAD_BYTES + MAX_CHAIN * 5000);
  });
});

describe('padding', () => {
  it.each(KEY_TYPES)('of %s is met to the byte, at both ends', async (key) => {
    const leafBytes = async (padBytes: number): Promise<number[]> => {
      const { broker, client } = await ends({ key, padBytes });
      return [broker, client].map(({ identity }) => new X509Certificate(identity.certPem).raw.length);
    };
    const [broker = 0, client = 0] = await leafBytes(0);
    for (const padBytes of PADDED) {
      expect(await leafBytes(padBytes)).toEqual([broker + padBytes, client + padBytes]);
    }
  });

  it('that cannot be met is refused', async () => {
    const authority = await createAuthority('padding');
    for (const paddingBytes of [1, MIN_PAD_BYTES - 1, MAX_PAD_BYTES + 1, Number.NaN]) {
      await expect(authority.issue({ name: 'a', use: 'client', paddingBytes })).rejects.toThrow(
        /300 to 58000/,
      );
    }
  });

  it('crosses with the certificate', async () => {
    const authority = await createAuthority('padding');
    const identity = await authority.issue({
      name: BROKER_NAME,
      use: 'server',
      dnsNames: [BROKER_NAME],
      paddingBytes: 20_000,
    });
    const pair = await ends({});
    const { down, echoed } = await shakeHands(
      { broker: { ...pair.broker, identity }, client: { ...pair.client, caPem: authority.certPem } },
      'TLSv1.2',
    );
    expect(echoed).toBe(true);
    expect(certificatesSent(down)[0]?.equals(new X509Certificate(identity.certPem).raw)).toBe(true);
  });
});

describe('the broker', () => {
  it.each(LISTED.flatMap((crlEntries) => CHAINS.map((chain) => ({ crlEntries, chain }))))(
    'accepts a client that its list of $crlEntries does not name, chain $chain',
    async (change) => {
      const pair = await ends(change);
      expect(pair.broker.crlPem).toHaveLength(change.chain);
      const bytes = pair.broker.crlPem?.[0]?.length ?? 0;
      // An entry has 35 bytes, which PEM makes 47.4.
      expect(bytes).toBeGreaterThan(47 * change.crlEntries);
      expect(bytes).toBeLessThan(48 * change.crlEntries + 600);
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        expect(await shakeHands(pair, version)).toMatchObject({ echoed: true, refusal: undefined });
      }
    },
  );

  it('looks at its lists: without that of the root it refuses everybody', async () => {
    const { broker, client } = await ends({ crlEntries: 1, chain: 2 });
    const crlPem = broker.crlPem?.slice(0, 1) ?? [];
    const shaken = await shakeHands({ broker: { ...broker, crlPem }, client }, 'TLSv1.3');
    expect(shaken).toMatchObject({ echoed: false, refusal: 'UNABLE_TO_GET_CRL' });
  });

  it.each(
    REFUSED.flatMap(({ client, refusals: [alone, long, listed] }) => [
      { client, chain: 1, refusal: alone },
      { client, chain: 2, refusal: long },
      { client, chain: 3, refusal: long },
      { client, chain: 2, crlEntries: 10_000, refusal: listed },
    ]),
  )('refuses a $client client, chain $chain, list $crlEntries: $refusal', async ({ refusal, ...change }) => {
    const pair = await ends(change);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const { echoed, clientKey, refusal: said, clientError } = await shakeHands(pair, version);
      expect({ echoed, clientKey, said }).toEqual({ echoed: false, clientKey: undefined, said: refusal });
      // The client has nothing against the broker.
      expect(clientError?.code ?? '').not.toMatch(/^(CERT|UNABLE)_/);
    }
  });

  it('reads lists that are signed with ML-DSA', async () => {
    const shaken = await shakeHands(await ends({ key: 'ml-dsa-44', client: 'revoked', chain: 2 }), 'TLSv1.3');
    expect(shaken).toMatchObject({ echoed: false, refusal: 'CERT_REVOKED' });
  });
});
