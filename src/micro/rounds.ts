import { Bench } from 'tinybench';
import { seededRandom } from '../scenario/random.ts';

/** One of several things whose cost is compared. */
export interface Contender {
  /** Unique among those that are compared. */
  name: string;
  /** Does it once; resolves with its cost in milliseconds, by a clock of its own. */
  run(): number | Promise<number>;
}

export interface Budget {
  /** Wall time of the measuring, in seconds; warming up takes a quarter of that before. */
  seconds: number;
  /** What the order within each round follows from. */
  seed: number;
}

export interface Rounds {
  rounds: number;
  /** Rounds before those, which are left out: caches, compiled code and contexts were cold. */
  warmupRounds: number;
  /** Each contender's costs in milliseconds, one a round. */
  samples: Map<string, number[]>;
}

/** With fewer there is no interval of a median. */
const FEWEST_ROUNDS = 6;
const FEWEST_WARMUP_ROUNDS = 2;

/**
 * Runs all contenders once in each round, in a new random order, so that a machine that drifts moves all alike; as many
 * rounds as fit into the time, and no fewer than 6. tinybench runs its tasks one after another, so there is one bench a
 * round, and the samples are merged. Rejects with what a contender fails with.
 */
export async function runRounds(
  contenders: readonly Contender[],
  { seconds, seed }: Budget,
  onMeasuring: () => void = () => {},
): Promise<Rounds> {
  const random = seededRandom(seed);
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  const round = async (): Promise<void> => {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, retainSamples: true, throws: true });
    for (const contender of random.shuffle(contenders)) {
      bench.add(contender.name, async () => ({ overriddenDuration: await contender.run() }), { async: true });
    }
    for (const { name, result } of await bench.run()) {
      if ('latency' in result) samples.get(name)?.push(...(result.latency.samples ?? []));
    }
  };
  const repeat = async (wallSeconds: number, fewest: number): Promise<number> => {
    const endMs = performance.now() + wallSeconds * 1000;
    let rounds = 0;
    for (; rounds < fewest || performance.now() < endMs; rounds++) await round();
    return rounds;
  };
  const warmupRounds = await repeat(seconds / 4, FEWEST_WARMUP_ROUNDS);
  for (const costs of samples.values()) costs.length = 0;
  onMeasuring();
  return { warmupRounds, rounds: await repeat(seconds, FEWEST_ROUNDS), samples };
}
