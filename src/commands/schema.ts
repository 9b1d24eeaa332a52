import { EXIT, type ExitCode } from '../exit-codes.ts';
import { scenarioJsonSchema } from '../scenario/json-schema.ts';
import { printJson } from './output.ts';

/** `schema`: the JSON Schema of a scenario, as it is committed in scenarios/scenario.schema.json. */
export function execute(): ExitCode {
  printJson(scenarioJsonSchema());
  return EXIT.good;
}
