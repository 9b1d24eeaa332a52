import * as z from 'zod';
import { scenarioSchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema (draft 7, which YAML editors read) of a scenario as a person writes it. It is committed as
 * `scenarios/scenario.schema.json`; a test fails when that file drifts.
 */
export function scenarioJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(scenarioSchema, { target: 'draft-7', io: 'input' });
  return {
    ...($schema === undefined ? {} : { $schema }),
    title: 'mqtt-tls-bench scenario',
    description:
      'One question to measure: modes × links × brokers × topologies × workloads, each combination a cell.',
    ...schema,
  };
}
