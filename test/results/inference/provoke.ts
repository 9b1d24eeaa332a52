import { summarise } from '../../../src/lab/summarise.ts';
import type { BackendName } from '../../../src/link/backend.ts';
import type { LinkSpec } from '../../../src/link/spec.ts';
import type { Sample } from '../../../src/measure/sample.ts';
import { mismatches } from '../../../src/modes/check.ts';
import { modeNamed } from '../../../src/modes/index.ts';
import type { Inference } from '../../../src/results/inference/schema.ts';
import type { Results } from '../../../src/results/schema.ts';
import { makePlan } from '../../../src/scenario/plan.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { AEDES, handshakes, measure, scenarioWith } from '../../helpers/runs.ts';

interface Provocation {
  modes: string[];
  links: LinkSpec[];
  backend: BackendName;
  rounds: number;
  /** Another broker beside the one with its defaults, which leaves Nagle's algorithm on. */
  nagle?: boolean;
}

export interface Provoked {
  scenario: Scenario;
  results: Results;
  samples: Sample[];
}

function scenarioOf({ modes, links, rounds, nagle = false }: Omit<Provocation, 'backend'>): Scenario {
  return scenarioWith({
    modes,
    links,
    brokers: [AEDES, ...(nagle ? [{ ...AEDES, id: 'aedes-nagle', noDelay: false }] : [])],
    workloads: [handshakes({ connectionsPerSecond: 25, timeoutMs: 30_000 })],
    rounds,
    warmupRounds: 2,
  });
}

/** Measures with real parts, in a folder that is not there yet. */
export async function provoke(provocation: Provocation, folder: string): Promise<Provoked> {
  const scenario = scenarioOf(provocation);
  const { backend } = provocation;
  return { scenario, ...(await measure(scenario, folder, { backend })) };
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
  { scenario, results, samples }: Provoked,
  really: string,
  asked: string,
): Pick<Results, 'cells' | 'slopes' | 'inferences'> {
  const { cells } = makePlan({ ...scenario, modes: [asked], brokers: [AEDES] });
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
  return summarise({
    cells,
    samples: own,
    links,
    fleets: new Map(),
    modelledConnect: true,
    seed: 3,
  });
}
