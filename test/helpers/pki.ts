import { createPki, readBrokerMaterial, readClientMaterial } from '../../src/pki/folder.ts';
import type { BrokerMaterial, ClientMaterial } from '../../src/pki/material.ts';

export interface Pki {
  folder: string;
  broker: BrokerMaterial;
  client: ClientMaterial;
}

/** Makes a run's PKI in a folder and reads what each end holds of it. */
export async function makePki(folder: string): Promise<Pki> {
  await createPki(folder);
  return { folder, broker: await readBrokerMaterial(folder), client: await readClientMaterial(folder) };
}
