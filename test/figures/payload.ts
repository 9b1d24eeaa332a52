/**
 * What each way to protect a payload detects, and that it refuses nothing that is genuine.
 *
 *     node test/figures/payload.ts [--genuine 100000] [--attempts 1000] [--methods a,b] [--seed 1]
 *
 * To reach: 0 false alarms of 100,000 genuine messages of each method, and all of 1,000 attempts of each attack detected
 * where the method promises it.
 */
import { parseArgs } from 'node:util';
import { attackTable } from '../../src/commands/payload.ts';
import { methodsOf } from '../../src/commands/method-names.ts';
import { ATTACK_NAMES } from '../../src/payload/attacks.ts';
import { keepsItsPromises, tryMethod, type Trial } from '../../src/payload/trial.ts';
import { conclude } from './run.ts';

const { values } = parseArgs({
  options: {
    genuine: { type: 'string', default: '100000' },
    attempts: { type: 'string', default: '1000' },
    methods: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const settings = {
  genuine: Number(values.genuine),
  attempts: Number(values.attempts),
  seed: Number(values.seed),
};

const startedMs = performance.now();
const trials: Trial[] = [];
for (const method of methodsOf(values.methods?.split(',') ?? [])) {
  const methodStartedMs = performance.now();
  trials.push(await tryMethod(method, settings));
  process.stderr.write(`${method.name}: ${((performance.now() - methodStartedMs) / 1000).toFixed(1)} s\n`);
}
const genuine = trials.reduce((sum, trial) => sum + trial.genuine, 0);
const falseAlarms = trials.reduce((sum, trial) => sum + trial.falseAlarms, 0);
process.stdout.write(
  `${attackTable(trials)}\n\nfalse alarms  ${falseAlarms} of ${genuine}\nrun time      ${((performance.now() - startedMs) / 1000).toFixed(0)} s\n`,
);
conclude(
  trials.flatMap((trial) =>
    keepsItsPromises(trial)
      ? []
      : [
          `${trial.method}: ${trial.falseAlarms} false alarms; ${ATTACK_NAMES.map((name) => `${name} ${JSON.stringify(trial.attacks[name])}`).join(', ')}`,
        ],
  ),
);
