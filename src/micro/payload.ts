import { randomBytes } from 'node:crypto';
import { quantile } from 'simple-statistics';
import { KeySet } from '../payload/generate.ts';
import type { KeyRing } from '../payload/keys.ts';
import type { Method } from '../payload/method.ts';
import { ReplayState } from '../payload/replay.ts';
import { Sender } from '../payload/sender.ts';
import { Batch, BATCH_MS, WARM_PASSES } from './batch.ts';
import { requireCpuClock } from './cpu-clock.ts';
import { figureOf } from './figure.ts';
import { runRounds, type Budget, type Contender } from './rounds.ts';

/** From a reading of a sensor to a picture of it. */
export const PAYLOAD_SIZES = [16, 64, 256, 1024, 4096, 16_384] as const;

/** A realistic topic, 24 bytes: all of them go through each check. */
const TOPIC = 'plant/17/line/3/pressure';
const SENDER = 1;
/** Protected messages that are opened in turn. */
const POOL = 32;
/** Operations of a round that are timed one by one: as many as a batch's time allows. */
const FEWEST_SINGLE = 4;
const MOST_SINGLE = 64;
/** Ten of so many are beyond the 99th percentile. */
const FEWEST_FOR_P99 = 1000;

/** What one operation costs. */
export interface OperationCost {
  /** Batches that were measured, one a round. */
  samples: number;
  /** Operations that one core does in a second: the median of batches by the thread's CPU time, with its 95 % interval. */
  perSecond: number;
  lowPerSecond: number;
  highPerSecond: number;
  /** Operations that were timed one by one, by the wall clock. */
  timed: number;
  p50Us: number;
  /** Undefined with less than 1,000 of them. */
  p99Us?: number;
}

/** A method with a size of payload. */
export interface PayloadCost {
  method: string;
  payloadBytes: number;
  addedBytes: number;
  protect: OperationCost;
  open: OperationCost;
}

export interface PayloadReport {
  rounds: number;
  warmupRounds: number;
  payloads: PayloadCost[];
}

/**
 * Measures protecting and opening of payloads, by method and size. Caveats: it is one thread on one core, with the same
 * keys, topic and code again and again, so that caches are warm and code is compiled, which those of a device that wakes
 * up are not; parsed keys and what Node keeps of them are not in the figures, the key schedule of each message is, since
 * node:crypto makes a cipher object for each. Rates are by CPU time, which other programs hardly disturb; percentiles are
 * by the wall clock, and have in them whatever interrupted. Garbage collection is in both as far as this thread does it.
 * Opening covers the guard against replay. Throws a BenchError where there is no fit CPU clock.
 */
export async function measurePayloads(
  methods: readonly Method[],
  sizes: readonly number[],
  budget: Budget,
  onMeasuring?: () => void,
): Promise<PayloadReport> {
  requireCpuClock();
  const pairs = [];
  for (const method of methods) {
    const keys = await KeySet.generate(method.needs, [SENDER]);
    for (const payloadBytes of sizes) pairs.push(new PairOfBenches(method, payloadBytes, keys));
  }
  const benches = pairs.flatMap(({ protect, open }) => [protect, open]);
  for (let pass = 0; pass < WARM_PASSES; pass++) for (const bench of benches) bench.choose();
  const { samples, ...rounds } = await runRounds(benches, budget, () => {
    for (const bench of benches) bench.forget();
    onMeasuring?.();
  });
  const costOf = (bench: OperationBench): OperationCost => bench.cost(samples.get(bench.name) ?? []);
  return {
    ...rounds,
    payloads: pairs.map(({ method, payloadBytes, protect, open }) => ({
      method: method.name,
      payloadBytes,
      addedBytes: method.addedBytes(payloadBytes),
      protect: costOf(protect),
      open: costOf(open),
    })),
  };
}

class PairOfBenches {
  readonly method: Method;
  readonly payloadBytes: number;
  readonly protect: OperationBench;
  readonly open: OperationBench;

  constructor(method: Method, payloadBytes: number, keys: KeySet) {
    this.method = method;
    this.payloadBytes = payloadBytes;
    const [payload, sender, own] = [randomBytes(payloadBytes), new Sender(method), keys.publisher(SENDER)];
    const name = `${method.name} ${payloadBytes}`;
    this.protect = new OperationBench(`${name} protect`, () => void sender.protect(TOPIC, payload, own));
    const pool = Array.from({ length: POOL }, () => sender.protect(TOPIC, payload, own));
    this.open = new OperationBench(`${name} open`, opener(method, pool, keys.ring));
  }
}

/** Opens a pool's messages one after another; a receiver that forgot them starts the pool again. */
function opener(method: Method, pool: readonly Buffer[], ring: KeyRing): () => void {
  let [next, state] = [0, new ReplayState()];
  return () => {
    if (next === pool.length) [next, state] = [0, new ReplayState()];
    const { verdict } = method.open(TOPIC, pool[next++] ?? Buffer.alloc(0), ring, state);
    if (verdict !== 'genuine') throw new Error(`${method.name}: a genuine message was told as ${verdict}`);
  };
}

class OperationBench implements Contender {
  readonly name: string;
  readonly #operation: () => void;
  readonly #batch: Batch;
  #singlesUs: number[] = [];

  constructor(name: string, operation: () => void) {
    this.name = name;
    this.#operation = operation;
    this.#batch = new Batch(operation);
  }

  choose(): void {
    this.#batch.choose();
  }

  /** Does a batch, whose cost by CPU time it answers, and then some operations one by one. */
  run(): number {
    const costMs = this.#batch.run();
    const singles = Math.min(MOST_SINGLE, Math.max(FEWEST_SINGLE, Math.floor(BATCH_MS / costMs)));
    for (let single = 0; single < singles; single++) {
      const startMs = performance.now();
      this.#operation();
      this.#singlesUs.push((performance.now() - startMs) * 1000);
    }
    return costMs;
  }

  /** Leaves out what was timed until now. */
  forget(): void {
    this.#singlesUs = [];
  }

  cost(batchesMs: readonly number[]): OperationCost {
    const { p50Ms, p50LowMs, p50HighMs } = figureOf(batchesMs);
    const singles = this.#singlesUs;
    return {
      samples: batchesMs.length,
      perSecond: 1000 / p50Ms,
      lowPerSecond: 1000 / p50HighMs,
      highPerSecond: 1000 / p50LowMs,
      timed: singles.length,
      p50Us: quantile(singles, 0.5),
      ...(singles.length < FEWEST_FOR_P99 ? {} : { p99Us: quantile(singles, 0.99) }),
    };
  }
}
