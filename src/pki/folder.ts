import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCredentials } from './credentials.ts';
import { Hierarchy } from './hierarchy.ts';
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

/** 128 bits: the strength of the AES-128 suites that it is used with. */
const PSK_BYTES = 16;

const CRL_BLOCK = /-----BEGIN X509 CRL-----[^-]*-----END X509 CRL-----\n/g;

/**
 * Makes the PKI of one run in a private folder (mode 0700, made by the caller): a folder, named by {@link needsId}, for
 * each of the needs that differ, with roots, certificates of broker and client, and the run's one PSK; beside them the
 * credentials of the clients ({@link createCredentials}). Keys of leaves
 * are readable by the user alone and never leave the folder, keys of authorities are not written.
 */
export async function createPki(folder: string, needs: readonly CertificateNeeds[]): Promise<void> {
  const psk = `device:${randomBytes(PSK_BYTES).toString('hex')}\n`;
  await createCredentials(folder);
  const hierarchy = new Hierarchy();
  const distinct = new Map(needs.map((each) => [needsId(each), each]));
  await Promise.all(
    [...distinct].map(async ([id, each]) => {
      const subfolder = join(folder, id);
      await mkdir(subfolder, { mode: 0o700 });
      const { brokerCaPem, clientCaPem, broker, client, crlPems } = await hierarchy.certificates(each);
      const write = (file: string, text: string): Promise<void> =>
        writeFile(join(subfolder, file), text, { mode: 0o600, flag: 'wx' });
      await Promise.all([
        write(PKI_FILES.ca, brokerCaPem),
        write(PKI_FILES.brokerCert, broker.certPem),
        write(PKI_FILES.brokerKey, broker.keyPem),
        write(PKI_FILES.clientCa, clientCaPem),
        write(PKI_FILES.clientCert, client.certPem),
        write(PKI_FILES.clientKey, client.keyPem),
        write(PKI_FILES.psk, psk),
        ...(crlPems === undefined ? [] : [write(PKI_FILES.crl, crlPems.join(''))]),
      ]);
    }),
  );
}

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
