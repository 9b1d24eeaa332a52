import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import leven from 'leven';
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { usageError, type BenchError } from '../errors.ts';
import { linkProblem, linkInputSchema, linkNameSchema, resolveLink, type LinkSpec } from './spec.ts';

/** A named link and where its figures come from. */
export type LinkProfile = LinkSpec & {
  description: string;
  source: string;
  /** True where jitter or loss is a choice inside what the source reports. */
  synthetic: boolean;
};

const profileSchema = linkInputSchema
  .omit({ name: true })
  .extend({
    description: z.string().min(1),
    source: z.string().min(1),
    synthetic: z.boolean().default(false),
  })
  .superRefine((profile, context) => {
    const problem = linkProblem(profile);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const profilesSchema = z.record(linkNameSchema, profileSchema);

/** The same folder seen from src/link and from dist/link. */
const FILE = new URL('../../netem/links.yaml', import.meta.url);

let shipped: Map<string, LinkProfile> | undefined;

/** The names of the shipped profiles, in the file's order. */
export function profileNames(): string[] {
  return [...shippedProfiles().keys()];
}

/** A shipped profile. Throws a usage error that suggests the nearest name when there is none of that name. */
export function profile(name: string): LinkProfile {
  const found = shippedProfiles().get(name);
  if (found !== undefined) return found;
  const nearest = profileNames().toSorted((a, b) => leven(name, a) - leven(name, b))[0] ?? '';
  const meant = leven(name, nearest) <= 2 ? `Did you mean '${nearest}'? ` : '';
  throw usageError(
    `There is no link profile '${name}'`,
    `${meant}The profiles are ${profileNames().join(', ')}.`,
  );
}

/**
 * Reads profiles out of YAML text. Throws a usage error that lists every problem as `file:line:column: what`.
 * The file's name is only used in messages.
 */
export function readProfiles(text: string, file: string): Map<string, LinkProfile> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw invalid(
      file,
      lines,
      document.errors.map((error) => ({ offset: error.pos[0], message: error.message })),
    );
  }
  const parsed = profilesSchema.safeParse(document.toJS());
  if (!parsed.success) {
    throw invalid(
      file,
      lines,
      parsed.error.issues.map((issue) => ({
        offset: offsetOf(document, issue),
        message: [...issue.path, messageOfIssue(issue)].join(': '),
      })),
    );
  }
  return new Map(
    Object.entries(parsed.data).map(([name, { description, source, synthetic, ...link }]) => [
      name,
      { ...resolveLink({ ...link, name }), description, source, synthetic },
    ]),
  );
}

function shippedProfiles(): Map<string, LinkProfile> {
  const path = fileURLToPath(FILE);
  shipped ??= readProfiles(readFileSync(path, 'utf8'), relative(process.cwd(), path));
  return shipped;
}

function invalid(
  file: string,
  lines: LineCounter,
  problems: { offset: number; message: string }[],
): BenchError {
  const places = problems.map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}: ${message}`;
  });
  return usageError(`The link profiles are not valid\n${places.join('\n')}`);
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

/** A key is refused by a schema of its own, whose message says more than the record's. */
function messageOfIssue(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
