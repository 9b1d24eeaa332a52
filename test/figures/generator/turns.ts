import { median } from '../../../src/stats/median.ts';
import { doneSchema, generate, GENERATORS, type Generator, type Order } from './order.ts';

/** What each generator did, turn by turn. */
export interface Turns {
  perSecond: (generator: Generator) => number;
  cpuMs: Record<Generator, string>;
  /** A generator's rate over that of the bare loop in the same turn: what both met is the same machine. */
  toBare: (generator: Generator) => number;
}

/** Has each generator do the same, in processes of their own and in turn, so that a machine that drifts moves all alike. */
export async function inTurn(
  turns: number,
  orderOf: (generator: Generator) => Order,
  optionsOf: (generator: Generator) => string[] = () => [],
): Promise<Turns> {
  const rates: Record<Generator, number[]> = { bare: [], lean: [], mqttjs: [] };
  const costs: Record<Generator, number[]> = { bare: [], lean: [], mqttjs: [] };
  for (let turn = 0; turn < turns; turn++) {
    for (const generator of GENERATORS) {
      const { count, seconds, cpuSeconds } = await generate(
        orderOf(generator),
        doneSchema,
        optionsOf(generator),
      );
      rates[generator].push(count / seconds);
      costs[generator].push((cpuSeconds * 1000) / count);
    }
  }
  return {
    perSecond: (generator) => Math.round(median(rates[generator])),
    cpuMs: {
      bare: median(costs.bare).toFixed(4),
      lean: median(costs.lean).toFixed(4),
      mqttjs: median(costs.mqttjs).toFixed(4),
    },
    toBare: (generator) =>
      median(rates[generator].map((rate, turn) => rate / (rates.bare[turn] ?? Number.NaN))),
  };
}
