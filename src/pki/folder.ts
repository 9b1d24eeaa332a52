import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerMaterial, ClientMaterial, Identity, PreSharedKey } from './material.ts';
import { listedEntries, needsId, type CertificateNeeds } from './needs.ts';

/** The files of a run's PKI, by role, so that brokers which read files find them under the same names. */
export const PKI_FILES = {
  /** The root that clients verify the broker by. */
  ca: 'ca.crt',
  brokerCert: 'broker.crt',
  brokerKey: 'broker.key',
  /** The root that brokers verify clients by. */
  clientCa: 'client-ca.crt',
  clientCert: 'client.crt',
  clientKey: 'client.key',
  /** One line `identity:hexkey`, the form that mosquitto's `psk_file` has. */
  psk: 'psk.txt',
  /** Revocation lists one after another, the form of mosquitto's `crlfile`; there where the needs have any. */
  crl: 'crl.pem',
} as const;

const CRL_BLOCK = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----\n/g;

/** Where a run's PKI has what meets the needs: a folder with {@link PKI_FILES}. */
export function needsFolder(folder: string, needs: CertificateNeeds): string {
  return join(folder, needsId(needs));
}

/** Reads what a broker process needs of the run's PKI. */
export async function readBrokerMaterial(folder: string, needs: CertificateNeeds): Promise<BrokerMaterial> {
  const own = needsFolder(folder, needs);
  const crlPem = await readLists(own, needs);
  return {
    caPem: await readFile(join(own, PKI_FILES.clientCa), 'utf8'),
    ...(crlPem === undefined ? {} : { crlPem }),
    identity: await readIdentity(own, PKI_FILES.brokerCert, PKI_FILES.brokerKey),
    psk: await readPsk(own),
  };
}

/** Reads what a swarm process needs of the run's PKI. */
export async function readClientMaterial(folder: string, needs: CertificateNeeds): Promise<ClientMaterial> {
  const own = needsFolder(folder, needs);
  return {
    caPem: await readFile(join(own, PKI_FILES.ca), 'utf8'),
    identity: await readIdentity(own, PKI_FILES.clientCert, PKI_FILES.clientKey),
    psk: await readPsk(own),
  };
}

/** Whether there are lists is for the needs to say: a file that is missing is an error. */
async function readLists(folder: string, needs: CertificateNeeds): Promise<string[] | undefined> {
  if (listedEntries(needs) === undefined) return undefined;
  return (await readFile(join(folder, PKI_FILES.crl), 'utf8')).match(CRL_BLOCK) ?? [];
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
