import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SILENT } from '../../../src/lab/observer.ts';
import { run } from '../../../src/lab/run.ts';
import { summarise } from '../../../src/lab/summarise.ts';
import type { BackendName } from '../../../src/link/backend.ts';
import type { LinkSpec } from '../../../src/link/spec.ts';
import { sampleSchema, type Sample } from '../../../src/measure/sample.ts';
import { mismatches } from '../../../src/modes/check.ts';
import { modeNamed } from '../../../src/modes/index.ts';
import type { Inference } from '../../../src/results/inference/schema.ts';
import type { Results } from '../../../src/results/schema.ts';
import { makePlan, type Plan } from '../../../src/scenario/plan.ts';

interface Provocation {
  modes: string[];
  links: LinkSpec[];
  backend: BackendName;
  rounds: number;
  /** Another broker beside the one with its defaults, which leaves Nagle's algorithm on. */
  nagle?: boolean;
}

export interface Provoked {
  plan: Plan;
  results: Results;
  samples: Sample[];
}

const AEDES = { id: 'aedes', name: 'aedes', port: undefined, noDelay: true, runtime: 'node' } as const;

function planOf({ modes, links, rounds, nagle = false }: Omit<Provocation, 'backend'>): Plan {
  return makePlan({
    name: 'provoked',
    question: 'Does the inference name what was provoked?',
    modes,
    links,
    brokers: [AEDES, ...(nagle ? [{ ...AEDES, id: 'aedes-nagle', noDelay: false }] : [])],
    topologies: ['direct'],
    workloads: [
      {
        kind: 'handshake',
        action: 'publish',
        qos: 1,
        payloadBytes: 64,
        connectionsPerSecond: 25,
        arrivals: 'even',
        timeoutMs: 30_000,
        workers: 1,
      },
    ],
    rounds,
    warmupRounds: 2,
    seed: 3,
    expect: { failureBudget: 0 },
  });
}

/** Measures with real parts, in a folder that is not there yet. */
export async function provoke(provocation: Provocation, folder: string): Promise<Provoked> {
  const plan = planOf(provocation);
  const results = await run(plan, {
    backend: provocation.backend,
    allowUncalibrated: true,
    folder,
    observer: SILENT,
    signal: new AbortController().signal,
  });
  const lines = (await readFile(join(folder, 'samples.ndjson'), 'utf8')).trim().split('\n');
  return { plan, results, samples: lines.map((line) => sampleSchema.parse(JSON.parse(line))) };
}

/** The verdict on a mode of a run. */
export function inferenceOf(
  { inferences }: Pick<Results, 'inferences'>,
  mode: string,
  broker = 'aedes',
): Inference {
  const found = inferences.find((one) => one.mode === mode && one.broker === broker);
  if (found === undefined) throw new Error(`nothing was inferred of ${mode} at ${broker}`);
  return found;
}

/**
 * The results of the same connections, had their mode been asked to be another: what was negotiated is then judged by
 * what that one asks for, as the lab judges it. So a broker that loses every session of TLS 1.2 is made of one to which
 * none was ever brought.
 */
export function judgedAs(
  { plan, results, samples }: Provoked,
  really: string,
  asked: string,
): Pick<Results, 'cells' | 'slopes' | 'inferences'> {
  const { cells } = planOf({ ...plan.scenario, modes: [asked] });
  const { expected } = modeNamed(asked);
  const own = samples.flatMap((sample): Sample[] => {
    const [mode, ...place] = sample.cell.split('/');
    if (mode !== really || sample.outcome.status !== 'ok') return [];
    const { client = {}, broker = {} } = sample.negotiated;
    const all = { ...expected, brokerNoDelay: true };
    const [first] = [...mismatches(all, 'client', client), ...mismatches(all, 'broker', broker)];
    const cell = [asked, ...place].join('/');
    return [
      { ...sample, cell, ...(first === undefined ? {} : { outcome: { status: 'excluded', ...first } }) },
    ];
  });
  const { links } = results;
  return summarise({ cells, samples: own, links, throughput: new Map(), modelledConnect: true, seed: 3 });
}
