import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPki } from '../../src/pki/create.ts';
import { needsFolder, PKI_FILES, readBrokerMaterial, readClientMaterial } from '../../src/pki/folder.ts';
import type { BrokerMaterial, ClientMaterial } from '../../src/pki/material.ts';
import { DEFAULT_NEEDS, type CertificateNeeds } from '../../src/pki/needs.ts';

export interface Pki {
  folder: string;
  broker: BrokerMaterial;
  client: ClientMaterial;
}

export interface PkiOptions {
  needs?: CertificateNeeds;
  /** Folder of another run, whose broker the clients trust: their own certificate is a stranger's to it. */
  trusting?: string;
}

/** Makes a run's PKI for one kind of needs in a folder and reads what each end holds of it. */
export async function makePki(folder: string, options: PkiOptions = {}): Promise<Pki> {
  const { needs = DEFAULT_NEEDS, trusting } = options;
  await createPki(folder, [needs]);
  if (trusting !== undefined) {
    await copyFile(
      join(needsFolder(trusting, needs), PKI_FILES.ca),
      join(needsFolder(folder, needs), PKI_FILES.ca),
    );
  }
  return {
    folder,
    broker: await readBrokerMaterial(folder, needs),
    client: await readClientMaterial(folder, needs),
  };
}
