import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { usageError, type BenchError } from '../errors.ts';
import { linkNameSchema } from './spec.ts';

/** What a file of named profiles holds. */
export interface ProfileKind<T extends z.ZodType> {
  /** `link profiles`, for messages. */
  what: string;
  /** Of one profile. */
  schema: T;
  /** The keys that one may have, for who wrote another. */
  keys: readonly string[];
  /** Whose a name is already; undefined: nobody's. */
  ownerOf?: (name: string) => string | undefined;
}

/**
 * Reads named profiles out of YAML text, in its order. Throws a usage error that lists every problem as
 * `file:line:column: what`; a name that another profile has is one of them. The file's name is only used in messages.
 */
export function parseProfiles<T extends z.ZodType>(
  text: string,
  file: string,
  { what, schema, keys, ownerOf = () => undefined }: ProfileKind<T>,
): Map<string, z.output<T>> {
  const lines = new LineCounter();
  const fault = (problems: Problem[]): BenchError =>
    invalid(`The ${what} are not valid`, file, lines, problems);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    throw fault(document.errors.map((error) => ({ offset: error.pos[0], message: error.message })));
  const parsed = z.record(linkNameSchema, schema).safeParse(document.toJS());
  if (!parsed.success) {
    throw fault(
      parsed.error.issues.map((issue) => ({
        offset: offsetOf(document, issue),
        message: [...issue.path, messageOfIssue(issue, keys)].join(': '),
      })),
    );
  }
  const twice = Object.keys(parsed.data).flatMap((name): Problem[] => {
    const owner = ownerOf(name);
    if (owner === undefined) return [];
    const message = `${name}: ${owner} has this name already, expected another`;
    return [{ offset: keyOffset(document, [], name), message }];
  });
  if (twice.length > 0) throw fault(twice);
  return new Map(Object.entries(parsed.data) as [string, z.output<T>][]);
}

interface Problem {
  offset: number;
  message: string;
}

function invalid(
  heading: string,
  file: string,
  lines: LineCounter,
  problems: readonly Problem[],
): BenchError {
  const places = problems.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}: ${message}`;
  });
  return usageError(`${heading}\n${places.join('\n')}`);
}

/** Where an issue stands in the text: at the wrong key, at the value, or at the nearest thing around it. */
function offsetOf(document: Document, issue: z.core.$ZodIssue): number {
  if (issue.code === 'unrecognized_keys') return keyOffset(document, issue.path, issue.keys[0]);
  if (issue.code === 'invalid_key') return keyOffset(document, issue.path.slice(0, -1), issue.path.at(-1));
  return valueOffset(document, issue.path);
}

function keyOffset(document: Document, path: PropertyKey[], key: PropertyKey | undefined): number {
  const around = document.getIn(path, true);
  const pair = isMap(around) ? around.items.find((item) => String(item.key) === key) : undefined;
  return isNode(pair?.key) ? (pair.key.range?.[0] ?? 0) : valueOffset(document, path);
}

function valueOffset(document: Document, path: PropertyKey[]): number {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node)) return node.range?.[0] ?? 0;
  return path.length === 0 ? 0 : valueOffset(document, path.slice(0, -1));
}

function messageOfIssue(issue: z.core.$ZodIssue, keys: readonly string[]): string {
  // A key is refused by a schema of its own, whose message says more than the record's.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code !== 'unrecognized_keys' || issue.path.length !== 1) return issue.message;
  return `${issue.message}, expected ${keys.join(', ')}`;
}
