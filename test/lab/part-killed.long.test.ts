import { expect, test } from 'vitest';
import { accessSchema } from '../../src/broker/access/choice.ts';
import { run } from '../../src/lab/run.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { killOurs } from '../helpers/processes.ts';
import { expectNothingLeft, once, freshOptions, samplesIn, scenarioWith } from '../helpers/runs.ts';

/** All kinds of parts. */
const ASKING = brokerOf({ name: 'aedes', access: accessSchema.parse({}) });

test.each(['aedes.child', 'proxy.child', 'worker.child', 'service.child'])(
  '%s killed in the middle: the reason is named and what was measured is saved',
  async (module) => {
    const given = freshOptions({
      observer: once(() => void killOurs(module)),
    });
    const results = await run(makePlan(scenarioWith({ brokers: [ASKING], rounds: 500 })), given);
    expect(results.complete).toBe(false);
    expect(results.incompleteBecause).toMatch(/^The .* process ended \(SIGKILL\)/);
    expect(results.incompleteBy).toBe('bench');
    expect((await samplesIn(given.folder)).length).toBeGreaterThan(4);
    await expectNothingLeft();
  },
  60_000,
);
