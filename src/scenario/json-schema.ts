import * as z from 'zod';
import { profileNames } from '../link/profiles.ts';
import { editorSchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** An editor marks a name that is no shipped profile's, unless the scenario has profiles of its own. */
const WITH_OWN_PROFILES: JsonSchema = {
  type: 'object',
  properties: { linkProfiles: {} },
  required: ['linkProfiles'],
};
const SHIPPED_PROFILES_ONLY: JsonSchema = {
  type: 'object',
  properties: {
    links: {
      type: 'array',
      items: { anyOf: [{ enum: profileNames() }, { type: 'null' }, { type: 'object' }] },
    },
  },
};

/**
 * The JSON Schema (draft 7, which YAML editors read) of a scenario as a person writes it. It is committed as
 * `scenarios/scenario.schema.json`; a test fails when that file drifts.
 */
export function scenarioJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(editorSchema, { target: 'draft-7', io: 'input' });
  return {
    ...($schema === undefined ? {} : { $schema }),
    title: 'mqtt-tls-bench scenario',
    description:
      'One question to measure: modes × links × brokers × topologies × workloads, each combination a cell.',
    ...schema,
    anyOf: [WITH_OWN_PROFILES, SHIPPED_PROFILES_ONLY],
  };
}
