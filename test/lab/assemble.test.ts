import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble } from '../../src/lab/assemble.ts';
import { Cleanup } from '../../src/lab/cleanup.ts';
import { noneBackend } from '../../src/link/none.ts';
import { createPki } from '../../src/pki/create.ts';
import { DEFAULT_NEEDS } from '../../src/pki/needs.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { scenarioSchema } from '../../src/scenario/schema.ts';
import { childrenOf } from '../helpers/processes.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const PLAN = makePlan(
  resolveScenario(
    scenarioSchema.parse({
      name: 'several-workers',
      question: 'Are all of them stopped?',
      modes: ['plain'],
      links: [null],
      workload: { kind: 'handshake', workers: 3 },
    }),
  ),
);

/** A command that the first to use it fails with at once, while the others take their time and then start. */
function failingFirst(): string[] {
  const folder = temporaryFolder();
  const script = join(folder, 'start.sh');
  writeFileSync(
    script,
    `#!/bin/sh\nif mkdir '${folder}/first' 2>/dev/null; then echo 'no room for me' >&2; exit 9; fi\nsleep 0.5\nexec "$@"\n`,
  );
  chmodSync(script, 0o755);
  return [script];
}

test('when one of several workers cannot start, the cleanup stops the others too', async () => {
  const pkiFolder = temporaryFolder();
  await createPki(pkiFolder, [DEFAULT_NEEDS]);
  const silent = { onFlow: () => {}, onCrash: () => {} };
  const link = await noneBackend.open(silent);
  const cleanup = new Cleanup();
  const assembled = assemble(
    PLAN,
    { ...link, prefix: { client: failingFirst(), broker: [] } },
    pkiFolder,
    {
      ...silent,
      onRecord: () => {},
      onRefusal: () => {},
      onHop: () => {},
      onPassage: () => {},
      onWorker: () => {},
    },
    cleanup,
  );
  await expect(assembled).rejects.toThrow(/exit code 9.*no room for me/s);
  expect(await cleanup.run()).toEqual([]);
  // Longer than the slow ones take to start.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const left = (await childrenOf(process.pid)).filter(({ command }) => /child\.ts|start\.sh/.test(command));
  expect(left).toEqual([]);
});
