import { messageOf } from '../errors.ts';
import type { Mode } from '../modes/mode.ts';
import { requireCpuClock, threadCpuMs } from './cpu-clock.ts';
import { figureOf, type Figure } from './figure.ts';
import { Pair, type Cost, type Handshake, type Materials } from './pair.ts';
import { runRounds, type Budget, type Contender } from './rounds.ts';

/** What a handshake of one mode costs at each end, by the CPU clock of the thread. */
export interface HandshakeCost {
  mode: string;
  samples: number;
  client: Figure;
  broker: Figure;
  both: Figure;
  /** Handshakes a second that one core does at most, by the mean, which has garbage collection in it. */
  clientPerSecond: number;
  brokerPerSecond: number;
  /** Medians of making a context anew; no handshake has them in it. */
  context: Cost;
  /** Bytes and flights of the last handshake. */
  bytesUp: number;
  bytesDown: number;
  flights: number;
}

export interface HandshakeReport {
  rounds: number;
  warmupRounds: number;
  modes: HandshakeCost[];
  /** Modes that could not be measured here, and why. */
  missing: { mode: string; why: string }[];
}

/** Contexts are made so often in the warm-up's shadow: enough for a median, too dear for every round. */
const CONTEXTS = 15;

/**
 * Measures CPU time of handshakes in memory, by end, for modes whose names differ. What is timed says `Lockstep`; the
 * resumed modes resume a session of a handshake before, each once. A mode that this stack cannot do, or that negotiates
 * something else than it says, is missing and says why. Throws a BenchError where there is no fit CPU clock.
 */
export async function measureHandshakes(
  modes: readonly { mode: Mode; materials: Materials }[],
  budget: Budget,
  onMeasuring?: () => void,
): Promise<HandshakeReport> {
  requireCpuClock();
  const missing: HandshakeReport['missing'] = [];
  const benches: ModeBench[] = [];
  for (const { mode, materials } of modes) {
    try {
      const bench = new ModeBench(new Pair(mode, materials), materials);
      await bench.run();
      benches.push(bench);
    } catch (error) {
      missing.push({ mode: mode.name, why: messageOf(error) });
    }
  }
  if (benches.length === 0) return { rounds: 0, warmupRounds: 0, modes: [], missing };
  const { rounds, warmupRounds } = await runRounds(benches, budget, () => {
    for (const bench of benches) bench.forget();
    onMeasuring?.();
  });
  return { rounds, warmupRounds, modes: benches.map((bench) => bench.cost()), missing };
}

class ModeBench implements Contender {
  readonly name: string;
  readonly #pair: Pair;
  readonly #materials: Materials;
  #handshakes: Handshake[] = [];

  constructor(pair: Pair, materials: Materials) {
    this.name = pair.mode.name;
    this.#pair = pair;
    this.#materials = materials;
  }

  async run(): Promise<number> {
    const handshake = await this.#pair.handshake();
    this.#handshakes.push(handshake);
    return handshake.clientMs + handshake.brokerMs;
  }

  /** Leaves out what was measured until now. */
  forget(): void {
    this.#handshakes = [];
  }

  cost(): HandshakeCost {
    const all = this.#handshakes;
    const [client, broker] = [all.map(({ clientMs }) => clientMs), all.map(({ brokerMs }) => brokerMs)];
    const both = all.map(({ clientMs, brokerMs }) => clientMs + brokerMs);
    const [clientFigure, brokerFigure] = [figureOf(client), figureOf(broker)];
    const flights = all.at(-1)?.flights ?? [];
    const bytes = (side: 'client' | 'broker'): number =>
      flights.reduce((sum, flight) => sum + (flight.from === side ? flight.bytes : 0), 0);
    return {
      mode: this.name,
      samples: all.length,
      client: clientFigure,
      broker: brokerFigure,
      both: figureOf(both),
      clientPerSecond: 1000 / clientFigure.meanMs,
      brokerPerSecond: 1000 / brokerFigure.meanMs,
      context: this.#contextCost(),
      bytesUp: bytes('client'),
      bytesDown: bytes('broker'),
      flights: flights.length,
    };
  }

  #contextCost(): Cost {
    const costs = Array.from({ length: CONTEXTS }, () =>
      Pair.contextCost(this.#pair.mode, this.#materials, threadCpuMs),
    );
    return {
      clientMs: figureOf(costs.map(({ clientMs }) => clientMs)).p50Ms,
      brokerMs: figureOf(costs.map(({ brokerMs }) => brokerMs)).p50Ms,
    };
  }
}
