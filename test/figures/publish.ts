/**
 * How near the publishers of `pubsub` come to mqtt.js' own publish loop: `npm run -s figures:publish -- [--turns N] [--messages N]`.
 * Each gives messages of 64 bytes at QoS 0 to one mosquitto over one plain connection, as fast as it goes, in a process
 * of its own and in turn. The workload's messages have their intended time, sending time and number in them, the loop's
 * are always the same. Exit code 1 names what is missed.
 */
import { parseArgs } from 'node:util';
import { withBroker } from './generator/broker.ts';
import { inTurn } from './generator/turns.ts';
import { conclude } from './run.ts';

/** Messages a second of the workload over those of mqtt.js' own loop. */
const LEAST = 1;
const PAYLOAD_BYTES = 64;

const { values } = parseArgs({
  options: { turns: { type: 'string', default: '7' }, messages: { type: 'string', default: '200000' } },
});

const { perSecond, cpuMs, toBare } = await withBroker('mosquitto', 'plain', (served) =>
  inTurn(Number(values.turns), (generator) => ({
    kind: 'publish',
    generator,
    ...served,
    messages: Number(values.messages),
    payloadBytes: PAYLOAD_BYTES,
  })),
);
const row = {
  n: values.turns,
  ownLoopPerSecond: perSecond('bare'),
  leanPerSecond: perSecond('lean'),
  mqttjsPerSecond: perSecond('mqttjs'),
  leanToOwnLoop: toBare('lean').toFixed(3),
  mqttjsToOwnLoop: toBare('mqttjs').toFixed(3),
  cpuMs,
};
process.stdout.write(`${JSON.stringify(row)}\n`);
conclude(
  (['mqttjs', 'lean'] as const).flatMap((client) =>
    toBare(client) >= LEAST
      ? []
      : [
          `${client}: ${toBare(client).toFixed(3)} of the messages a second of mqtt.js' own loop, expected ${LEAST}`,
        ],
  ),
);
