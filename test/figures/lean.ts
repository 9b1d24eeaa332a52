/**
 * How near the lean client comes to a bare loop of Node's own sockets: `npm run -s figures:lean -- [--modes a,b] [--turns N]
 * [--seconds S] [--profile FOLDER]`. Both connect to one mosquitto, 16 at a time, in processes of their own and in turn
 * (bare, lean, mqttjs, bare, …), so that a machine that drifts moves all alike. Exit code 1 names what is missed. With
 * --profile the lean client's process leaves a CPU profile in the folder.
 */
import { parseArgs } from 'node:util';
import { median } from '../../src/stats/median.ts';
import { withBroker } from './generator/broker.ts';
import { connectedSchema, generate, GENERATORS, type Generator, type Order } from './generator/order.ts';
import { conclude } from './run.ts';

/** Connects a second of the lean client over those of the bare loop, by whether there is TLS. */
const LEAST = { plain: 0.9, tls: 0.95 };
const IN_FLIGHT = 16;

const { values } = parseArgs({
  options: {
    modes: { type: 'string', default: 'plain,tls12,tls13,tls12-psk' },
    turns: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
});
const missed: string[] = [];

for (const mode of values.modes.split(',')) {
  const rates: Record<Generator, number[]> = { bare: [], lean: [], mqttjs: [] };
  const costs: Record<Generator, number[]> = { bare: [], lean: [], mqttjs: [] };
  await withBroker('mosquitto', mode, async (served) => {
    for (let turn = 0; turn < Number(values.turns); turn++) {
      for (const generator of GENERATORS) {
        const order: Order = {
          kind: 'connect',
          generator,
          ...served,
          inFlight: IN_FLIGHT,
          warmSeconds: 1.5,
          seconds: Number(values.seconds),
        };
        const profiled = generator === 'lean' && values.profile !== undefined;
        const options = profiled ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
        const { connects, seconds, cpuSeconds } = await generate(order, connectedSchema, options);
        rates[generator].push(connects / seconds);
        costs[generator].push((cpuSeconds * 1000) / connects);
      }
    }
  });
  // Of neighbours: what both met is the same machine.
  const ratio = (of: Generator): number =>
    median(rates[of].map((rate, turn) => rate / (rates.bare[turn] ?? Number.NaN)));
  const least = mode === 'plain' ? LEAST.plain : LEAST.tls;
  const row = {
    mode,
    n: values.turns,
    barePerSecond: Math.round(median(rates.bare)),
    leanPerSecond: Math.round(median(rates.lean)),
    mqttjsPerSecond: Math.round(median(rates.mqttjs)),
    leanToBare: ratio('lean').toFixed(3),
    mqttjsToBare: ratio('mqttjs').toFixed(3),
    cpuMs: Object.fromEntries(GENERATORS.map((each) => [each, median(costs[each]).toFixed(3)])),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  if (ratio('lean') < least)
    missed.push(`${mode}: ${row.leanToBare} of the bare loop's connects a second, expected ${least}`);
}
conclude(missed);
