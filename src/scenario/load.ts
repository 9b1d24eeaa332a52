import type { Document } from 'yaml';
import { usageError, type BenchError } from '../errors.ts';
import { pathText, startsWith, type Finding } from './finding.ts';
import { findingsOf } from './findings.ts';
import { applyOverride, parseOverride, type Override } from './overrides.ts';
import { readScenarioText, STARTER } from './read-text.ts';
import { resolveScenario } from './resolve.ts';
import type { Scenario } from './scenario.ts';
import { scenarioSchema } from './schema.ts';
import { positionOf, standsInText, type Position } from './yaml-position.ts';
import { parseYaml, type ParsedYaml } from './yaml-text.ts';

export interface LoadOptions {
  /** `path=value` each, applied in order over what the file says. */
  set?: readonly string[];
}

/** A finding that knows its place. */
interface Located {
  where: string;
  /** Findings are told in the file's order, those of options after them. */
  position: Position | undefined;
  message: string;
}

/**
 * Reads a scenario file: YAML, overrides, validation, profiles and defaults. Throws a usage error that lists every
 * problem as `FILE:LINE:COLUMN: path: what is wrong, what was expected`, or with the option that made it.
 */
export async function loadScenario(path: string, { set = [] }: LoadOptions = {}): Promise<Scenario> {
  const overrides = set.map(parseOverride);
  const source = parseYaml(await readScenarioText(path));
  if (source.problems.length > 0) {
    throw invalid(
      path,
      source.problems.map(({ position, message }) => ({ where: place(path, position), position, message })),
    );
  }
  if (source.data === null) {
    throw usageError(`${path}:1:1: the file is empty, expected a scenario`, STARTER);
  }
  const { document, misfits } = override(source, path, overrides);
  const data: unknown = document.toJS();
  const parsed = scenarioSchema.safeParse(data);
  if (parsed.success && misfits.length === 0) return resolveScenario(parsed.data);
  const findings = parsed.success ? [] : findingsOf(parsed.error.issues, data);
  throw invalid(path, [...findings.map((finding) => locate(path, source, overrides, finding)), ...misfits]);
}

function override(
  source: ParsedYaml,
  path: string,
  overrides: readonly Override[],
): { document: Document; misfits: Located[] } {
  // The original keeps its positions.
  const document = source.document.clone();
  const misfits = overrides.flatMap((one) => {
    const message = applyOverride(document, one);
    return message === undefined ? [] : [{ where: `${path}: ${one.option}`, position: undefined, message }];
  });
  return { document, misfits };
}

function locate(file: string, source: ParsedYaml, overrides: readonly Override[], finding: Finding): Located {
  const message = [pathText(finding.path), finding.message].filter((part) => part !== '').join(': ');
  const own = overrides.findLast(({ path }) => startsWith(finding.path, path));
  // Mappings on the way to an override that the file does not have were made by the override.
  const below = overrides.findLast(({ path }) => startsWith(path, finding.path));
  const cause = own ?? (standsInText(source, finding.path) ? undefined : below);
  if (cause !== undefined) return { where: `${file}: ${cause.option}`, position: undefined, message };
  const position = positionOf(source, finding);
  return { where: place(file, position), position, message };
}

function place(file: string, { line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

function invalid(file: string, problems: readonly Located[]): BenchError {
  const rank = ({ position }: Located): number =>
    position === undefined ? Number.MAX_VALUE : position.line + position.column / 1e6;
  const inOrder = problems.toSorted((a, b) => rank(a) - rank(b));
  const lines = inOrder.map(({ where, message }) => `${where}: ${message}`);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined) return usageError(only);
  return usageError([`${lines.length} problems in ${file}`, ...lines].join('\n'));
}
