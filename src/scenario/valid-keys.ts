import { valueAt, type Path } from './finding.ts';
import { scenarioJsonSchema, type JsonSchema } from './json-schema.ts';

/**
 * The keys that a mapping at that path of a scenario may have. Where alternatives are told apart by a constant, such
 * as a workload by its `kind`, the data chooses; otherwise the keys of all alternatives are listed.
 */
export function validKeys(data: unknown, path: Path): string[] {
  return unique(
    schemasAt(data, path).flatMap(({ properties, propertyNames }) => [
      ...Object.keys(properties ?? {}),
      ...namesIn(propertyNames),
    ]),
  );
}

/** The keys that a mapping at that path must have, whichever of its alternatives it is. */
export function requiredKeys(data: unknown, path: Path): string[] {
  const [first = [], ...others] = schemasAt(data, path).flatMap(({ properties, required = [] }) =>
    properties === undefined ? [] : [required],
  );
  return first.filter((key) => others.every((required) => required.includes(key)));
}

function schemasAt(data: unknown, path: Path): JsonSchema[] {
  let schemas = [scenarioJsonSchema()];
  for (const [depth, segment] of path.entries()) {
    schemas = mappingsAndLists(schemas, valueAt(data, path.slice(0, depth))).flatMap((schema) => {
      const below =
        typeof segment === 'number'
          ? schema.items
          : (schema.properties?.[segment] ?? schema.additionalProperties);
      return below !== null && typeof below === 'object' && !Array.isArray(below) ? [below] : [];
    });
  }
  return mappingsAndLists(schemas, valueAt(data, path));
}

function mappingsAndLists(schemas: readonly JsonSchema[], value: unknown): JsonSchema[] {
  return schemas.flatMap((schema) => {
    // Beside properties, alternatives only narrow what the values may be.
    const alternatives = schema.properties === undefined ? (schema.anyOf ?? schema.oneOf) : undefined;
    if (alternatives !== undefined) return mappingsAndLists(alternatives, value);
    return contradicts(schema, value) ? [] : [schema];
  });
}

function contradicts({ properties = {} }: JsonSchema, value: unknown): boolean {
  return Object.entries(properties).some(([key, property]) => {
    const given = valueAt(value, [key]);
    return (
      typeof property === 'object' &&
      property.const !== undefined &&
      ![undefined, property.const].includes(given as string)
    );
  });
}

/** The names that the keys of a mapping are limited to, such as milestones. */
function namesIn(propertyNames: JsonSchema['propertyNames']): string[] {
  if (propertyNames === null || typeof propertyNames !== 'object' || !('enum' in propertyNames)) return [];
  return (propertyNames.enum ?? []).map(String);
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
