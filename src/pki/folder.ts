import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAuthority } from './authority.ts';
import type { CertificateNeeds } from './needs.ts';
import {
  BROKER_NAME,
  CLIENT_NAME,
  type BrokerMaterial,
  type ClientMaterial,
  type Identity,
  type PreSharedKey,
} from './material.ts';

/** The files of a run's PKI, by role, so that brokers which read files find them under the same names. */
export const PKI_FILES = {
  ca: 'ca.crt',
  brokerCert: 'broker.crt',
  brokerKey: 'broker.key',
  clientCert: 'client.crt',
  clientKey: 'client.key',
  /** One line `identity:hexkey`, the form that mosquitto's `psk_file` has. */
  psk: 'psk.txt',
} as const;

/** 128 bits: the strength of the AES-128 suites that it is used with. */
const PSK_BYTES = 16;

/**
 * Makes the PKI of one run in a private folder (mode 0700, made by the caller): a CA, a broker and a client
 * certificate, a PSK. Keys are readable by the user alone and never leave the folder.
 */
export async function createPki(folder: string): Promise<void> {
  const authority = await createAuthority('mqtt-tls-bench run CA');
  const broker = await authority.issue({
    name: BROKER_NAME,
    use: 'server',
    dnsNames: [BROKER_NAME],
    ipAddresses: ['127.0.0.1'],
  });
  const client = await authority.issue({ name: CLIENT_NAME, use: 'client' });
  const write = (file: string, text: string): Promise<void> =>
    writeFile(join(folder, file), text, { mode: 0o600, flag: 'wx' });
  await Promise.all([
    write(PKI_FILES.ca, authority.certPem),
    write(PKI_FILES.brokerCert, broker.certPem),
    write(PKI_FILES.brokerKey, broker.keyPem),
    write(PKI_FILES.clientCert, client.certPem),
    write(PKI_FILES.clientKey, client.keyPem),
    write(PKI_FILES.psk, `device:${randomBytes(PSK_BYTES).toString('hex')}\n`),
  ]);
}

/** Reads what a broker process needs of the run's PKI. */
export async function readBrokerMaterial(folder: string, _needs: CertificateNeeds): Promise<BrokerMaterial> {
  return {
    caPem: await readFile(join(folder, PKI_FILES.ca), 'utf8'),
    identity: await readIdentity(folder, PKI_FILES.brokerCert, PKI_FILES.brokerKey),
    psk: await readPsk(folder),
  };
}

/** Reads what a swarm process needs of the run's PKI. */
export async function readClientMaterial(folder: string, _needs: CertificateNeeds): Promise<ClientMaterial> {
  return {
    caPem: await readFile(join(folder, PKI_FILES.ca), 'utf8'),
    identity: await readIdentity(folder, PKI_FILES.clientCert, PKI_FILES.clientKey),
    psk: await readPsk(folder),
  };
}

async function readIdentity(folder: string, cert: string, key: string): Promise<Identity> {
  return {
    certPem: await readFile(join(folder, cert), 'utf8'),
    keyPem: await readFile(join(folder, key), 'utf8'),
  };
}

async function readPsk(folder: string): Promise<PreSharedKey> {
  const [identity = '', hex = ''] = (await readFile(join(folder, PKI_FILES.psk), 'utf8')).trim().split(':');
  return { identity, key: Buffer.from(hex, 'hex') };
}
