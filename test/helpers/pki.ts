import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPki, PKI_FILES, readBrokerMaterial, readClientMaterial } from '../../src/pki/folder.ts';
import { DEFAULT_NEEDS } from '../../src/pki/needs.ts';
import type { BrokerMaterial, ClientMaterial } from '../../src/pki/material.ts';

export interface Pki {
  folder: string;
  broker: BrokerMaterial;
  client: ClientMaterial;
}

/**
 * Makes a run's PKI in a folder and reads what each end holds of it. With `trusting`, the folder's CA file is that of
 * another run: its clients trust the other run's broker, to whom their own certificate is a stranger's.
 */
export async function makePki(folder: string, { trusting }: { trusting?: string } = {}): Promise<Pki> {
  await createPki(folder);
  if (trusting !== undefined) await copyFile(join(trusting, PKI_FILES.ca), join(folder, PKI_FILES.ca));
  return {
    folder,
    broker: await readBrokerMaterial(folder, DEFAULT_NEEDS),
    client: await readClientMaterial(folder, DEFAULT_NEEDS),
  };
}
