import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerNamed } from '../../../src/broker/index.ts';
import type { TargetInput } from '../../../src/swarm/targets.ts';
import { startBroker } from '../../helpers/foreign-broker.ts';

/** A broker of the bench's, and where clients of a mode dial it. */
export interface Served {
  target: TargetInput;
  pkiFolder: string;
}

/** Has a broker listen for a mode while something is done with it. */
export async function withBroker<T>(
  name: string,
  mode: string,
  work: (served: Served) => Promise<T>,
): Promise<T> {
  const pkiFolder = await mkdtemp(join(tmpdir(), 'figures-'));
  const ends: (() => Promise<void>)[] = [];
  try {
    const { running } = await startBroker(brokerNamed(name), [mode], pkiFolder, {}, (end) => ends.push(end));
    const listener = running.listeners.get(mode);
    if (listener === undefined) throw new Error(`${name} does not serve ${mode}`);
    return await work({ target: { cell: 0, mode, modelledConnectMs: 0, ...listener }, pkiFolder });
  } finally {
    await Promise.all(ends.map((end) => end()));
    await rm(pkiFolder, { recursive: true, force: true });
  }
}
