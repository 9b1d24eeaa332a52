import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { SILENT, type RunObserver } from '../../src/lab/observer.ts';
import type { RunOptions } from '../../src/lab/options.ts';
import { run } from '../../src/lab/run.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import type { Results } from '../../src/results/schema.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { handshakeSchema, type HandshakeWorkload } from '../../src/swarm/workloads/settings/handshake.ts';
import { wakeSchema, type WakeWorkload } from '../../src/swarm/workloads/settings/wake.ts';
import { DIRECT } from '../../src/topology/direct.ts';
import { childrenOf, until } from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const AEDES = brokerOf('aedes');

/** A handshake workload that publishes at QoS 1. */
export function handshakes(changes: Partial<HandshakeWorkload> = {}): HandshakeWorkload {
  return { ...handshakeSchema.parse({ kind: 'handshake', timeoutMs: 10_000 }), ...changes };
}

/** Sensors that wake up and publish at QoS 1. */
export function wakes(changes: Partial<WakeWorkload> = {}): WakeWorkload {
  return { ...wakeSchema.parse({ kind: 'wake', timeoutMs: 10_000 }), ...changes };
}

/** A scenario that tests change to what they ask. */
export function scenarioWith(changes: Partial<Scenario> = {}): Scenario {
  return {
    name: 'test',
    question: 'Does it work?',
    modes: ['plain', 'tls13', 'mtls12'],
    links: [resolveLink({ name: 'near', oneWayMs: 20 }), resolveLink({ name: 'null', oneWayMs: 0 })],
    brokers: [AEDES],
    topologies: [DIRECT],
    workloads: [handshakes({ connectionsPerSecond: 40 })],
    rounds: 6,
    warmupRounds: 1,
    seed: 3,
    expect: { failureBudget: 0.01 },
    ...changes,
  };
}

/** Options of a run in a folder that is not there yet, over the proxy unless they are changed. */
export function optionsIn(folder: string, changes: Partial<RunOptions> = {}): RunOptions {
  return {
    backend: 'proxy',
    // A busy machine may be off by half a millisecond; what is tested does not hang on it.
    allowUncalibrated: true,
    folder,
    observer: SILENT,
    signal: new AbortController().signal,
    ...changes,
  };
}

/** The same in a new temporary folder of the test. */
export function freshOptions(changes: Partial<RunOptions> = {}): RunOptions {
  return optionsIn(join(temporaryFolder(), 'run'), changes);
}

/** All samples of a run folder. */
export async function samplesIn(folder: string): Promise<Sample[]> {
  const lines = (await readFile(join(folder, 'samples.ndjson'), 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => sampleSchema.parse(JSON.parse(line)));
}

/** Measures a scenario with real parts, in a folder that is not there yet. */
export async function measure(
  scenario: Scenario,
  folder: string,
  changes: Partial<RunOptions> = {},
): Promise<{ results: Results; samples: Sample[] }> {
  const results = await run(makePlan(scenario), optionsIn(folder, changes));
  return { results, samples: await samplesIn(folder) };
}

/** The least value of a milestone over a cell's samples that count. */
export function quickestIn(
  samples: readonly Sample[],
  cellStart: string,
  valueOf: (milestonesMs: Sample['milestonesMs']) => number | undefined,
): number {
  return Math.min(
    ...samples
      .filter(({ cell, warmup }) => cell.startsWith(cellStart) && !warmup)
      .map(({ milestonesMs }) => valueOf(milestonesMs) ?? Number.NaN),
  );
}

/** Folders with private keys that runs of this process have not removed. */
export function privateFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`mqtt-tls-bench-${process.pid}-`));
}

/** Expects that neither keys nor processes of this process's labs are left. */
export async function expectNothingLeft(): Promise<void> {
  expect(privateFolders()).toEqual([]);
  const left = async (): Promise<string[]> =>
    (await childrenOf(process.pid)).map(({ command }) => command).filter((it) => it.includes('.child.'));
  await until('every process of the lab is gone', async () => (await left()).length === 0);
}

/** An observer that acts once, as soon as some connections are through. */
export function once(act: () => void): RunObserver {
  let acted = false;
  return {
    ...SILENT,
    progress: ({ done }) => {
      if (acted || done < 5) return;
      acted = true;
      act();
    },
  };
}
