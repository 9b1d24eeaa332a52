import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../process/child.ts';
import type { Cleanup } from './cleanup.ts';
import { wardenProtocol } from './warden.protocol.ts';

const PREFIX = 'mqtt-tls-bench-';

/**
 * Makes the run's private temporary folder (mode 0700). It is removed by `cleanup`, by the warden when the runner is
 * killed, and by the next run when both were. The warden makes it too: a runner that is killed meanwhile leaves nothing
 * that nobody knows of.
 */
export async function makePrivateFolder(cleanup: Cleanup): Promise<string> {
  await sweepStale();
  const warden = await startChild(wardenProtocol, {
    module: new URL('./warden.child.ts', import.meta.url),
    detached: true,
  });
  cleanup.add(() => warden.stop());
  const folder = await warden.call('makeFolder', { prefix: join(tmpdir(), `${PREFIX}${process.pid}-`) });
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Removes folders of runs whose process is gone. Folders of other users are left to them. */
async function sweepStale(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is someone else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
