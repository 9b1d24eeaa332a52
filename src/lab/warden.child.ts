import { mkdtempSync, rmSync } from 'node:fs';
import { serve } from '../process/serve.ts';
import { wardenProtocol } from './warden.protocol.ts';

const guarded = new Set<string>();

// Outlives the runner by a moment, however that died, to remove what it left: the private keys first of all.
serve(
  wardenProtocol,
  () => ({
    makeFolder: ({ prefix }) => {
      const folder = mkdtempSync(prefix);
      guarded.add(folder);
      return folder;
    },
  }),
  () => {
    for (const folder of guarded) rmSync(folder, { recursive: true, force: true });
  },
);
