import { Cleanup } from '../lab/cleanup.ts';
import { makePrivateFolder } from '../lab/private-folder.ts';
import type { Mode } from '../modes/mode.ts';
import { createPki } from '../pki/create.ts';
import { readBrokerMaterial, readClientMaterial } from '../pki/folder.ts';
import type { Materials } from './pair.ts';

/** Makes certificates and keys for these modes, as a run does; nothing is left on the disk. */
export async function makeMaterials(modes: readonly Mode[]): Promise<{ mode: Mode; materials: Materials }[]> {
  const cleanup = new Cleanup();
  try {
    const folder = await makePrivateFolder(cleanup);
    await createPki(
      folder,
      modes.map(({ needs }) => needs),
    );
    return await Promise.all(
      modes.map(async (mode) => ({
        mode,
        materials: {
          broker: await readBrokerMaterial(folder, mode.needs),
          client: await readClientMaterial(folder, mode.needs),
        },
      })),
    );
  } finally {
    await cleanup.run();
  }
}
