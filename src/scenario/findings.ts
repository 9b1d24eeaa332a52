import type * as z from 'zod';
import { valueAt, type Finding, type Path } from './finding.ts';
import { didYouMean } from './suggest.ts';
import { requiredKeys, validKeys } from './valid-keys.ts';
import { and, count, or, show, typeWord } from './wording.ts';

type Issue = z.core.$ZodIssue;

/** What would have been right in the place of a value: a type of value, or one value. */
type Alternative = { type: string } | { value: unknown };

/** Says what zod found in the words of a scenario's author; unions are flattened to the alternative that was meant. */
export function findingsOf(issues: readonly Issue[], data: unknown): Finding[] {
  const findings = issues.flatMap((issue) => flatten(issue, [], data));
  // Two bounds of one value (a safe integer, then the schema's own) are one finding: the narrower comes last.
  return [
    ...new Map(findings.map((finding) => [`${finding.at} ${finding.path.join('\n')}`, finding])).values(),
  ];
}

function flatten(issue: Issue, base: Path, data: unknown): Finding[] {
  const path = [...base, ...(issue.path as Path)];
  const value = valueAt(data, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, data));
  const alternatives = alternativesOf(issue);
  if (alternatives !== undefined) {
    return [{ path, at: 'value', message: expected(alternatives, value, requiredKeys(data, path)) }];
  }
  if (issue.code === 'invalid_union') return likeliestBranch(issue.errors, path, data);
  return [{ path, at: 'value', message: explain(issue, value) }];
}

function unknownKey(path: Path, key: string, data: unknown): Finding {
  const keys = validKeys(data, path);
  const secret = /passw|secret|token|username/i.test(key);
  return {
    path: [...path, key],
    at: 'key',
    message: `unknown key, expected ${or(keys)}${secret ? '; a run makes its own credentials, and no file holds any' : didYouMean(key, keys)}`,
  };
}

/** Of a union's branches that take this kind of value, the one with the least to complain about. */
function likeliestBranch(branches: readonly Issue[][], path: Path, data: unknown): Finding[] {
  return branches
    .filter((issues) => rootAlternatives(issues) === undefined)
    .map((issues) => issues.flatMap((issue) => flatten(issue, path, data)))
    .reduce((best, findings) => (findings.length < best.length ? findings : best));
}

/** What an issue expected in the place of the whole value; undefined when it took the value and found fault inside. */
function alternativesOf(issue: Issue): Alternative[] | undefined {
  if (issue.code === 'invalid_type') return [{ type: issue.expected }];
  if (issue.code === 'invalid_value') return issue.values.map((value) => ({ value }));
  if (issue.code !== 'invalid_union') return undefined;
  if ('options' in issue && issue.options !== undefined) return issue.options.map((value) => ({ value }));
  const branches = issue.errors.map(rootAlternatives);
  return branches.every((branch) => branch !== undefined) ? branches.flat() : undefined;
}

function rootAlternatives(issues: readonly Issue[]): Alternative[] | undefined {
  return issues
    .filter((issue) => issue.path.length === 0)
    .map(alternativesOf)
    .find((alternatives) => alternatives !== undefined);
}

function expected(alternatives: readonly Alternative[], value: unknown, required: readonly string[]): string {
  const values = alternatives.flatMap((one) => ('value' in one ? [String(one.value)] : []));
  // `null` is let through where YAML turns the name of the null link into no value; it is nothing to advise.
  const types = alternatives.flatMap((one) => ('type' in one && one.type !== 'null' ? [one.type] : []));
  const words = types.map((type) =>
    type === 'object' && required.length > 0 ? `${typeWord(type)} with ${and(required)}` : typeWord(type),
  );
  const wanted = or([...new Set([...values, ...words])]);
  if (value === undefined) return `missing, expected ${wanted}`;
  return `expected ${wanted}, got ${show(value)}${hint(value, values, types)}`;
}

function hint(value: unknown, values: readonly string[], types: readonly string[]): string {
  // YAML reads {port:tls13} as a mapping with a key and no value.
  if (types.includes('string') && isBareBraces(value))
    return "; a text that begins with a brace is written in quotes: '{…}'";
  if (typeof value !== 'string') return '';
  if (types.length === 1 && types[0] === 'array') return `; a list of one is written [${value}]`;
  return didYouMean(value, values);
}

function isBareBraces(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => each === null);
}

function explain(issue: Issue, value: unknown): string {
  if (issue.code === 'too_small') {
    const comparison = issue.inclusive === false ? 'more than' : 'at least';
    return `expected ${comparison} ${limit(issue.minimum, issue.origin)}, got ${show(value)}`;
  }
  if (issue.code === 'too_big') {
    const comparison = issue.inclusive === false ? 'less than' : 'at most';
    return `expected ${comparison} ${limit(issue.maximum, issue.origin)}, got ${show(value)}`;
  }
  if (issue.code === 'invalid_format') return `expected ${issue.message}, got ${show(value)}`;
  return issue.message;
}

function limit(bound: number | bigint, origin: string): string {
  if (origin === 'array') return count(bound, 'item');
  if (origin === 'string') return count(bound, 'character');
  return String(bound);
}
