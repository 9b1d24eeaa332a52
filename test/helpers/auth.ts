import type { RunningBroker } from '../../src/broker/broker.ts';
import { CredentialDesk } from '../../src/lab/credentials.ts';
import { modeNamed } from '../../src/modes/index.ts';
import { readCredentials } from '../../src/pki/credentials.ts';
import type { TargetInput } from '../../src/swarm/targets.ts';

/** Targets for the clients of modes, one cell each in their order, with what they show the broker. */
export async function targetsFor(
  broker: RunningBroker,
  modes: readonly string[],
  pkiFolder: string,
  changes: Partial<TargetInput> = {},
): Promise<TargetInput[]> {
  const desk = new CredentialDesk(await readCredentials(pkiFolder));
  return modes.map((mode, cell) => {
    const listener = broker.listeners.get(mode);
    if (listener === undefined) throw new Error(`No listener for ${mode}`);
    return { cell, mode, modelledConnectMs: 0, ...listener, ...desk.showsOf(modeNamed(mode)), ...changes };
  });
}
