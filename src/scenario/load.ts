import { dirname, isAbsolute, join } from 'node:path';
import type { Document } from 'yaml';
import { usageError, type BenchError } from '../errors.ts';
import { profilesWith, type Profiles } from '../link/profiles.ts';
import { expectFindings, expectWithout } from './expect.ts';
import { pathText, startsWith, valueAt, type Finding } from './finding.ts';
import { findingsOf } from './findings.ts';
import { applyOverride, parseOverride, type Override } from './overrides.ts';
import { readScenarioText, STARTER } from './read-text.ts';
import { resolveScenario } from './resolve.ts';
import type { Scenario } from './scenario.ts';
import { scenarioSchemaWith } from './schema.ts';
import { isSingleWorkload } from '../swarm/workloads/settings/single.ts';
import { topologyFindings } from './topology.ts';
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
  const tell = (finding: Finding): Located => locate(path, source, overrides, finding);
  const profiles = await profilesOf(data, path, tell);
  const parsed = scenarioSchemaWith([...profiles.keys()]).safeParse(data);
  const scenario = parsed.success ? resolveScenario(parsed.data, profiles, dirname(path)) : undefined;
  const findings = parsed.success ? [] : findingsOf(parsed.error.issues, data);
  if (scenario !== undefined) {
    const { expect, modes, links } = scenario;
    const idle = expectFindings(expect, {
      modes,
      links: links.map(({ id }) => id),
      hasHandshakes: scenario.workloads.some(isSingleWorkload),
    });
    const isList = Array.isArray(valueAt(data, ['topology']));
    findings.push(...topologyFindings(scenario.topologies, scenario.workloads, isList));
    const leftOver = idle.filter((finding) => isLeftOver(finding, overrides));
    findings.push(...idle.filter((finding) => !leftOver.includes(finding)));
    if (findings.length === 0 && misfits.length === 0)
      return { ...scenario, expect: expectWithout(expect, leftOver) };
  }
  throw invalid(path, [...findings.map(tell), ...misfits]);
}

/**
 * Whether an expectation has nothing to be held against because options chose other modes, links or workloads, and not because
 * somebody wrote it wrong.
 */
function isLeftOver({ path }: Finding, overrides: readonly Override[]): boolean {
  const chosen = overrides.some((one) => ['modes', 'links', 'workload'].includes(String(one.path[0])));
  return chosen && !overrides.some((one) => startsWith(path, one.path) || startsWith(one.path, path));
}

/**
 * The profiles that `links` may name. A file of them that is at fault is told by itself, before the scenario that rests
 * on it; a value of `linkProfiles` that names no file is the schema's matter.
 */
async function profilesOf(
  data: unknown,
  path: string,
  tell: (finding: Finding) => Located,
): Promise<Profiles> {
  const named = valueAt(data, ['linkProfiles']);
  const places = (Array.isArray(named) ? named : [named]).flatMap((file: unknown, index) => {
    if (typeof file !== 'string' || file === '') return [];
    const at = Array.isArray(named) ? ['linkProfiles', index] : ['linkProfiles'];
    return [{ file: isAbsolute(file) ? file : join(dirname(path), file), at }];
  });
  const files = new Set(places.map(({ file }) => file));
  return profilesWith([...files], (file, problem) => {
    const at = places.find((place) => place.file === file)?.at ?? ['linkProfiles'];
    return invalid(path, [tell({ path: at, at: 'value', message: `${file}: ${problem}` })]);
  });
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
