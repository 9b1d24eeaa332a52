import { onTestFinished } from 'vitest';
import { aedes } from '../../src/broker/aedes.ts';
import type { BrokerOptions, BrokerRecord, BrokerRefusal, RunningBroker } from '../../src/broker/broker.ts';
import { MODE_NAMES } from '../../src/modes/index.ts';
import type { TargetInput } from '../../src/swarm/targets.ts';
import { AEDES } from './runs.ts';

export interface WatchedBroker {
  broker: RunningBroker;
  records: BrokerRecord[];
  refusals: BrokerRefusal[];
  crashes: Error[];
}

/** Starts an Aedes process with a listener for every mode and notes what it tells; `undo` ends it. */
export async function startAedes(
  pkiFolder: string,
  options: Partial<BrokerOptions> = {},
  undo: (end: () => Promise<void>) => void = onTestFinished,
): Promise<WatchedBroker> {
  const records: BrokerRecord[] = [];
  const refusals: BrokerRefusal[] = [];
  const crashes: Error[] = [];
  const broker = await aedes.start({
    host: '127.0.0.1',
    modes: MODE_NAMES,
    pkiFolder,
    choice: AEDES,
    prefix: [],
    onRecord: (record) => records.push(record),
    onRefusal: (refusal) => refusals.push(refusal),
    onCrash: (error) => crashes.push(error),
    ...options,
  });
  undo(() => broker.stop());
  return { broker, records, refusals, crashes };
}

/** Where the clients of a mode dial; cells are numbered by the list of modes. */
export function targetOf(broker: RunningBroker, mode: string): TargetInput {
  const listener = broker.listeners.get(mode);
  if (listener === undefined) throw new Error(`No listener for ${mode}`);
  return { cell: MODE_NAMES.findIndex((name) => name === mode), mode, modelledConnectMs: 0, ...listener };
}
