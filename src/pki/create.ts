import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCredentials } from './credentials.ts';
import { PKI_FILES } from './folder.ts';
import { needsId, type CertificateNeeds } from './needs.ts';

/** 128 bits: the strength of the AES-128 suites that it is used with. */
const PSK_BYTES = 16;

/**
 * Makes the PKI of one run in a private folder (mode 0700, made by the caller): a folder, named by {@link needsId}, for
 * each of the needs that differ, with roots, certificates of broker and client, and the run's one PSK; beside them the
 * credentials of the clients ({@link createCredentials}). Keys of leaves
 * are readable by the user alone and never leave the folder, keys of authorities are not written.
 */
export async function createPki(folder: string, needs: readonly CertificateNeeds[]): Promise<void> {
  const psk = `device:${randomBytes(PSK_BYTES).toString('hex')}\n`;
  await createCredentials(folder);
  // What issues certificates takes long to load, and most commands make none.
  const { Hierarchy } = await import('./hierarchy.ts');
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
