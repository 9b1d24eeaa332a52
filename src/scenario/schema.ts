import * as z from 'zod';
import { BROKER_NAMES } from '../broker/index.ts';
import { delayProblem, linkInputSchema } from '../link/spec.ts';
import { MODE_NAMES } from '../modes/index.ts';
import { workloadSchema } from '../swarm/workloads/schema.ts';
import { TOPOLOGY_NAMES } from '../topology/index.ts';

/** One value or a list of them; lists multiply to cells. */
function oneOrMore<T extends z.ZodType>(value: T): z.ZodUnion<[T, z.ZodArray<T>]> {
  return z.union([value, z.array(value).min(1)]);
}

const brokerSchema = z.union([
  z.enum(BROKER_NAMES),
  z.strictObject({
    name: z.enum(BROKER_NAMES),
    port: z
      .int()
      .min(1)
      .max(65_000)
      .optional()
      .meta({
        description: 'port of the first listener, one more for each further mode; absent: any free port',
      }),
    noDelay: z
      .boolean()
      .optional()
      .meta({ description: "false leaves Nagle's algorithm on at the broker (default true)" }),
  }),
]);

/** A scenario as a person writes it. Unknown keys are errors everywhere. */
export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'a name of lower-case letters, digits and dashes')
    .meta({ description: 'names the run folder and the report' }),
  question: z.string().min(1).meta({ description: 'what this scenario answers, as a question' }),
  modes: z
    .array(z.enum(MODE_NAMES))
    .min(1)
    .meta({ description: 'how connections are secured; `modes` lists them' }),
  links: z
    .array(
      z.union([
        z.string().meta({ description: 'a named profile; `links` lists them' }),
        linkInputSchema.superRefine((link, context) => {
          const message = delayProblem(link);
          if (message !== undefined) context.addIssue({ code: 'custom', message });
        }),
      ]),
    )
    .min(1)
    .meta({ description: 'what lies between clients and broker' }),
  broker: oneOrMore(brokerSchema).default('aedes'),
  topology: oneOrMore(z.enum(TOPOLOGY_NAMES)).default('direct'),
  workload: oneOrMore(workloadSchema).meta({ description: 'what the clients do' }),
  rounds: z
    .int()
    .min(1)
    .max(100_000)
    .default(200)
    .meta({
      description: 'connections of each cell (handshake); one round opens one of every cell, shuffled',
    }),
  warmupRounds: z
    .int()
    .min(0)
    .max(1000)
    .default(3)
    .meta({ description: 'rounds before the first that counts; kept in samples.ndjson, in no figure' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ description: 'the same seed makes the same plan and the same order of arrivals' }),
  expect: z
    .strictObject({
      failureBudget: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .meta({ description: 'share of attempts that may fail or be excluded; more ends with exit code 6' }),
    })
    .prefault({}),
});

export type ScenarioInput = z.input<typeof scenarioSchema>;
export type ParsedScenario = z.infer<typeof scenarioSchema>;
