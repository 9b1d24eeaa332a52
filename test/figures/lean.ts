/**
 * How near the lean client comes to a bare loop of Node's own sockets: `npm run -s figures:lean -- [--modes a,b] [--turns N]
 * [--seconds S] [--profile FOLDER]`. Both connect to one mosquitto, 16 at a time, in processes of their own and in turn
 * (bare, lean, mqttjs, bare, …), so that a machine that drifts moves all alike. Exit code 1 names what is missed. With
 * --profile the lean client's process leaves a CPU profile in the folder.
 */
import { parseArgs } from 'node:util';
import { withBroker } from './generator/broker.ts';
import { inTurn } from './generator/turns.ts';
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
  const { perSecond, cpuMs, toBare } = await withBroker('mosquitto', mode, (served) =>
    inTurn(
      Number(values.turns),
      (generator) => ({
        kind: 'connect',
        generator,
        ...served,
        inFlight: IN_FLIGHT,
        warmSeconds: 1.5,
        seconds: Number(values.seconds),
      }),
      (generator) =>
        generator === 'lean' && values.profile !== undefined
          ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
          : [],
    ),
  );
  const least = mode === 'plain' ? LEAST.plain : LEAST.tls;
  const row = {
    mode,
    n: values.turns,
    barePerSecond: perSecond('bare'),
    leanPerSecond: perSecond('lean'),
    mqttjsPerSecond: perSecond('mqttjs'),
    leanToBare: toBare('lean').toFixed(3),
    mqttjsToBare: toBare('mqttjs').toFixed(3),
    cpuMs,
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
  if (toBare('lean') < least)
    missed.push(`${mode}: ${row.leanToBare} of the bare loop's connects a second, expected ${least}`);
}
conclude(missed);
