import * as z from 'zod';
import { profileNames } from '../link/profiles.ts';
import { linkProblem, linkInputSchema, linkNameSchema, NULL_LINK, resolveLink } from '../link/spec.ts';
import { workloadSchema } from '../swarm/workloads/settings/index.ts';
import { uniqueList } from '../unique-list.ts';
import { brokerId, brokerSchema } from './broker.ts';
import { expectSchema } from './expect.ts';
import { modeIdsOf, modeSchema } from './modes.ts';
import { topologyId, topologySchemaWith } from './topology.ts';

/** One value or a list of them; lists multiply to cells. */
function oneOrMore<T extends z.ZodType>(value: T, list: z.ZodArray<T>): z.ZodUnion<[T, z.ZodArray<T>]> {
  return z.union([value, list]);
}

/** YAML reads a bare `null` as no value, where the name of the null link is meant. */
const nullLinkSchema = z
  .null()
  .transform(() => NULL_LINK.id)
  .meta({ description: 'the null link: what the machine itself costs' });

const ownLinkSchema = linkInputSchema
  .superRefine((link, context) => {
    const message = linkProblem(link);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta({
    description: 'a link of your own',
    oneOf: ['oneWayMs', 'rttMs'].map((key) => ({
      type: 'object',
      properties: { [key]: {} },
      required: [key],
    })),
  });

function namedLink(names: readonly string[]): z.ZodType<string, string> {
  return z
    .enum(names as [string, ...string[]])
    .meta({ description: 'a named profile; the command `links` describes them' });
}

type ParsedLink = string | z.output<typeof ownLinkSchema>;

function linkName(link: ParsedLink): string | undefined {
  if (typeof link === 'string') return link;
  return linkProblem(link) === undefined ? resolveLink(link).id : undefined;
}

const profileFileSchema = z.string().min(1).meta({
  description:
    'a file of link profiles of your own, in the form of netem/links.yaml; its place is relative to this file',
});

/** What of a scenario depends on the profiles that there are. */
function linkKeys<T extends z.ZodType<string, string>>(named: T) {
  const link = z.union([named, nullLinkSchema, ownLinkSchema]);
  const topology = topologySchemaWith(link);
  return {
    links: uniqueList(link, linkName).meta({ description: 'what lies between clients and broker' }),
    topology: oneOrMore(topology, uniqueList(topology, topologyId)).default('direct'),
  };
}

const SHIPPED = linkKeys(namedLink(profileNames()));

/** A scenario as a person writes it. Unknown keys are errors everywhere. */
export const scenarioSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'a name of lower-case letters, digits and dashes')
    .meta({ description: 'names the run folder and the report' }),
  question: z.string().min(1).meta({ description: 'what this scenario answers, as a question' }),
  modes: uniqueList(modeSchema, modeIdsOf).meta({
    description: 'how connections are secured; the command `modes` describes them',
  }),
  linkProfiles: oneOrMore(profileFileSchema, uniqueList(profileFileSchema, String)).optional(),
  links: SHIPPED.links,
  broker: oneOrMore(brokerSchema, uniqueList(brokerSchema, brokerId)).default('aedes'),
  topology: SHIPPED.topology,
  workload: oneOrMore(workloadSchema, z.array(workloadSchema).min(1)).meta({
    description: 'what the clients do',
  }),
  rounds: z.int().min(1).max(100_000).default(200).meta({
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
  expect: expectSchema,
});

/** The same where `links` may also have the names of profiles of the user's own. */
export function scenarioSchemaWith(names: readonly string[]): typeof scenarioSchema {
  return scenarioSchema.extend(linkKeys(namedLink(names)));
}

/** For editors, which cannot see into the files of `linkProfiles`: any name may be one of theirs. */
export const editorSchema = scenarioSchema.extend(
  linkKeys(
    z.union([
      namedLink(profileNames()),
      linkNameSchema.meta({ description: 'a profile of a file in `linkProfiles`' }),
    ]),
  ),
);

export type ScenarioInput = z.input<typeof scenarioSchema>;
export type ParsedScenario = z.infer<typeof scenarioSchema>;
