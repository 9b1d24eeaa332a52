import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { CREDENTIAL_FILES } from '../../src/pki/credentials.ts';
import { createPki } from '../../src/pki/create.ts';
import { needsFolder, PKI_FILES, readBrokerMaterial, readClientMaterial } from '../../src/pki/folder.ts';
import { BROKER_NAME, CLIENT_NAME, type Identity } from '../../src/pki/material.ts';
import { DEFAULT_NEEDS, needsId, type CertificateNeeds } from '../../src/pki/needs.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const CREDENTIALS: string[] = Object.values(CREDENTIAL_FILES);

const newFolder = sharedFolders();

function certificate(identity: Identity): X509Certificate {
  return new X509Certificate(identity.certPem);
}

function ownFolder({ folder }: Pki): string {
  return needsFolder(folder, DEFAULT_NEEDS);
}

let one: Pki;
let other: Pki;
beforeAll(async () => {
  [one, other] = await Promise.all([makePki(newFolder()), makePki(newFolder())]);
});

describe('the certificates of a run', () => {
  it('have a root on either side, which signed itself and the leaf that the other side verifies by it', () => {
    const brokerRoot = new X509Certificate(one.client.caPem);
    const clientRoot = new X509Certificate(one.broker.caPem);
    expect(brokerRoot.subject).not.toBe(clientRoot.subject);
    for (const [root, leaf] of [
      [brokerRoot, certificate(one.broker.identity)],
      [clientRoot, certificate(one.client.identity)],
    ] as const) {
      expect(root.ca).toBe(true);
      expect(root.verify(root.publicKey)).toBe(true);
      expect(leaf.checkIssued(root)).toBe(true);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.ca).toBe(false);
    }
  });

  it('are good for nothing under the CA of another run', () => {
    for (const pem of [other.broker.caPem, other.client.caPem]) {
      const root = new X509Certificate(pem);
      expect(certificate(one.broker.identity).verify(root.publicKey)).toBe(false);
      expect(certificate(one.client.identity).verify(root.publicKey)).toBe(false);
    }
  });

  it('name the broker, and loopback as where it is, and the client', () => {
    const broker = certificate(one.broker.identity);
    expect(broker.checkHost(BROKER_NAME)).toBe(BROKER_NAME);
    expect(broker.checkHost('other.mqtt-tls-bench.test')).toBeUndefined();
    expect(broker.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate(one.client.identity).subject).toBe(`CN=${CLIENT_NAME}`);
  });

  it('may each be used for its own end alone', () => {
    // Node's name for the extended key usage.
    expect(certificate(one.broker.identity).keyUsage).toEqual([SERVER_AUTH]);
    expect(certificate(one.client.identity).keyUsage).toEqual([CLIENT_AUTH]);
  });

  it('are valid now, on a clock that lags, and for a day', () => {
    const now = Date.now();
    for (const leaf of [new X509Certificate(one.broker.caPem), certificate(one.broker.identity)]) {
      expect(leaf.validFromDate.getTime()).toBeLessThan(now - 30 * 60_000);
      expect(leaf.validToDate.getTime()).toBeGreaterThan(now + 12 * 3_600_000);
      expect(leaf.validToDate.getTime()).toBeLessThan(now + 48 * 3_600_000);
    }
  });

  it('have P-256 keys that belong to them', () => {
    for (const identity of [one.broker.identity, one.client.identity]) {
      const key = createPrivateKey(identity.keyPem);
      expect(key.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
      expect(certificate(identity).checkPrivateKey(key)).toBe(true);
    }
    const brokerKey = createPrivateKey(one.broker.identity.keyPem);
    expect(certificate(one.client.identity).checkPrivateKey(brokerKey)).toBe(false);
  });
});

describe('the PSK of a run', () => {
  it('is the same 128 bits at both ends, in the form of a psk_file', () => {
    expect(one.client.psk).toEqual(one.broker.psk);
    expect(one.client.psk.key).toHaveLength(16);
    const line = readFileSync(join(ownFolder(one), PKI_FILES.psk), 'utf8');
    expect(line).toBe(`${one.client.psk.identity}:${one.client.psk.key.toString('hex')}\n`);
  });
});

describe('secrets', () => {
  it('are in files that only the user can read', () => {
    expect(readdirSync(one.folder).toSorted()).toEqual([...CREDENTIALS, needsId(DEFAULT_NEEDS)].toSorted());
    for (const file of CREDENTIALS) expect(statSync(join(one.folder, file)).mode & 0o777).toBe(0o600);
    const own = ownFolder(one);
    expect(statSync(own).mode & 0o777).toBe(0o700);
    const files = readdirSync(own);
    expect([...files, PKI_FILES.crl].toSorted()).toEqual(Object.values(PKI_FILES).toSorted());
    for (const file of files) expect(statSync(join(own, file)).mode & 0o777).toBe(0o600);
  });

  it('of the broker do not reach the client, nor the other way', () => {
    const body = (pem: string): string => pem.split('\n')[1] ?? '';
    const inClient = JSON.stringify(one.client);
    const inBroker = JSON.stringify(one.broker);
    expect(body(one.broker.identity.keyPem)).toHaveLength(64);
    expect(inBroker).toContain(body(one.broker.identity.keyPem));
    expect(inClient).not.toContain(body(one.broker.identity.keyPem));
    expect(inBroker).not.toContain(body(one.client.identity.keyPem));
  });

  it('of the CA are not written at all', () => {
    const keys = readdirSync(ownFolder(one))
      .map((file) => readFileSync(join(ownFolder(one), file), 'utf8'))
      .filter((text) => text.includes('PRIVATE KEY'));
    expect(keys).toHaveLength(2);
    for (const pem of [one.broker.caPem, one.client.caPem]) {
      const root = new X509Certificate(pem);
      for (const key of keys) expect(root.checkPrivateKey(createPrivateKey(key))).toBe(false);
    }
  });

  it('differ from run to run', () => {
    expect(other.broker.identity.keyPem).not.toBe(one.broker.identity.keyPem);
    expect(other.client.identity.keyPem).not.toBe(one.client.identity.keyPem);
    expect(other.broker.psk.key.equals(one.broker.psk.key)).toBe(false);
    expect(certificate(other.broker.identity).serialNumber).not.toBe(
      certificate(one.broker.identity).serialNumber,
    );
  });

  it('are never written over', async () => {
    await expect(createPki(one.folder, [DEFAULT_NEEDS])).rejects.toThrow(/EEXIST/);
    expect((await readBrokerMaterial(one.folder, DEFAULT_NEEDS)).identity).toEqual(one.broker.identity);
  });
});

describe('the needs of several variants', () => {
  it('have a folder each, once, and share roots, keys and the PSK where their keys are of one type', async () => {
    const folder = newFolder();
    const long: CertificateNeeds = { ...DEFAULT_NEEDS, chain: 2 };
    const ed25519: CertificateNeeds = { ...DEFAULT_NEEDS, key: 'ed25519' };
    await createPki(folder, [DEFAULT_NEEDS, long, ed25519, { ...DEFAULT_NEEDS }]);
    expect(readdirSync(folder).toSorted()).toEqual(
      [...CREDENTIALS, ...[DEFAULT_NEEDS, long, ed25519].map(needsId)].toSorted(),
    );
    const [first, second, third] = await Promise.all(
      [DEFAULT_NEEDS, long, ed25519].map((needs) => readClientMaterial(folder, needs)),
    );
    expect(second?.caPem).toBe(first?.caPem);
    expect(second?.identity.keyPem).toBe(first?.identity.keyPem);
    expect(third?.caPem).not.toBe(first?.caPem);
    expect(third?.identity.keyPem).not.toBe(first?.identity.keyPem);
    expect(third?.psk).toEqual(first?.psk);
  });

  it('are made in a moment where nothing is asked for', async () => {
    const tookMs: number[] = [];
    for (let n = 0; n < 5; n++) {
      const start = performance.now();
      await createPki(newFolder(), [DEFAULT_NEEDS]);
      tookMs.push(performance.now() - start);
    }
    expect(Math.min(...tookMs)).toBeLessThan(150);
  });
});
