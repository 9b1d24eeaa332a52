import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MODE_NAMES } from '../../src/modes/index.ts';
import { profileNames } from '../../src/link/profiles.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { scenarioSchema, type ScenarioInput } from '../../src/scenario/schema.ts';
import { toYaml } from '../../src/scenario/to-yaml.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const eachWay = (value: fc.Arbitrary<number>): fc.Arbitrary<number | { up: number; down: number }> =>
  fc.oneof(value, fc.record({ up: value, down: value }));
const decimal = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true, maxExcluded: true });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);

const link = fc.record(
  {
    oneWayMs: eachWay(decimal(0, 60_000)),
    jitterMs: eachWay(decimal(0, 60_000)),
    loss: eachWay(decimal(0, 1)),
    rateKbit: eachWay(decimal(0.001, 10_000_000)),
    name: fc.stringMatching(/^[a-z0-9][a-z0-9._~-]{0,12}$/),
  },
  { requiredKeys: ['oneWayMs'] },
);
const workload = fc.oneof(
  fc.record(
    {
      kind: fc.constant('handshake' as const),
      qos,
      action: fc.constantFrom('publish' as const, 'subscribe' as const),
      connectionsPerSecond: decimal(0.01, 2000),
      arrivals: fc.constantFrom('even' as const, 'poisson' as const),
    },
    { requiredKeys: ['kind'] },
  ),
  fc.record(
    { kind: fc.constant('pubsub' as const), qos, publishers: fc.integer({ min: 1, max: 20_000 }) },
    { requiredKeys: ['kind'] },
  ),
);
const broker = fc.oneof(
  fc.constant('aedes' as const),
  fc.record(
    { name: fc.constant('aedes' as const), port: fc.integer({ min: 1, max: 65_000 }), noDelay: fc.boolean() },
    { requiredKeys: ['name'] },
  ),
);

/** Scenarios as people might write them, questions in any script included. */
const input: fc.Arbitrary<ScenarioInput> = fc.record(
  {
    name: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/),
    question: fc.string({ minLength: 1, unit: 'grapheme' }),
    modes: fc.subarray([...MODE_NAMES], { minLength: 1 }),
    links: fc.array(fc.oneof(fc.constantFrom(...profileNames()), link), { minLength: 1, maxLength: 4 }),
    workload: fc.oneof(workload, fc.array(workload, { minLength: 1, maxLength: 3 })),
    broker: fc.oneof(
      broker,
      broker.map((one) => [one]),
    ),
    rounds: fc.integer({ min: 1, max: 100_000 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    expect: fc.record({ failureBudget: decimal(0, 1) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['name', 'question', 'modes', 'links', 'workload'] },
);

test('a resolved scenario loads again to the same scenario', async () => {
  const file = join(temporaryFolder(), 'scenario.yaml');
  await fc.assert(
    fc.asyncProperty(input, async (written) => {
      const parsed = scenarioSchema.safeParse(written);
      // Two links of one name are refused, and another test's matter.
      fc.pre(parsed.success);
      const scenario = resolveScenario(parsed.data);
      writeFileSync(file, toYaml(scenario));
      expect(await loadScenario(file)).toEqual(scenario);
    }),
    { numRuns: 300 },
  );
});

test('spells links out, so that a profile may change without changing old results', () => {
  const parsed = scenarioSchema.parse({
    name: 'spelled',
    question: 'How?',
    modes: ['plain'],
    links: ['3g', null],
    workload: { kind: 'handshake' },
  });
  expect(toYaml(resolveScenario(parsed))).toMatchInlineSnapshot(`
    "name: spelled
    question: How?
    modes:
      - plain
    links:
      - name: 3g
        oneWayMs: 150
        rateKbit:
          up: 768
          down: 1600
      - name: "null"
        oneWayMs: 0
    broker:
      - name: aedes
        noDelay: true
        runtime: node
    topology:
      - direct
    workload:
      - kind: handshake
        action: publish
        qos: 1
        payloadBytes: 64
        connectionsPerSecond: 35
        arrivals: even
        timeoutMs: 30000
        workers: 1
    rounds: 200
    warmupRounds: 3
    seed: 1
    expect:
      failureBudget: 0.01
    "
  `);
});
