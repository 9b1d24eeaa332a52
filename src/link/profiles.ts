import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import leven from 'leven';
import { isMap, isNode, LineCounter, parseDocument, type Document } from 'yaml';
import * as z from 'zod';
import { messageOf, usageError, type BenchError } from '../errors.ts';
import { linkProblem, linkInputSchema, linkNameSchema, resolveLink, type LinkSpec } from './spec.ts';

/** A named link and where its figures come from. */
export type LinkProfile = LinkSpec & {
  description: string;
  source: string;
  /** True where a figure is a choice inside what the source reports. */
  synthetic: boolean;
  /** The file of the user's own that it stands in; absent for a shipped one. */
  file?: string;
};

/** Profiles by name, in the order of their files. */
export type Profiles = ReadonlyMap<string, LinkProfile>;

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

/** Advice for whoever writes profiles. */
export const FORM =
  'Each profile is `name: { description: …, oneWayMs: …, source: … }`, as in netem/links.yaml.';

/** The same folder seen from src/link and from dist/link. */
const FILE = new URL('../../netem/links.yaml', import.meta.url);

let shipped: Map<string, LinkProfile> | undefined;

/** The profiles that come with the tool. Throws a usage error when their file is not valid. */
export function shippedProfiles(): Profiles {
  const path = fileURLToPath(FILE);
  shipped ??= readProfiles(readFileSync(path, 'utf8'), relative(process.cwd(), path));
  return shipped;
}

/** The names of the shipped profiles, in the file's order. */
export function profileNames(): string[] {
  return [...shippedProfiles().keys()];
}

/**
 * A profile by its name, a shipped one unless others are given. Throws a usage error that suggests the nearest name
 * when there is none of that name.
 */
export function profile(name: string, among: Profiles = shippedProfiles()): LinkProfile {
  const found = among.get(name);
  if (found !== undefined) return found;
  const names = [...among.keys()];
  const nearest = names.toSorted((a, b) => leven(name, a) - leven(name, b))[0] ?? '';
  const meant = leven(name, nearest) <= 2 ? `Did you mean '${nearest}'? ` : '';
  throw usageError(`There is no link profile '${name}'`, `${meant}The profiles are ${names.join(', ')}.`);
}

/**
 * The shipped profiles and after them those of files of the user's own, in the form of `netem/links.yaml`. Throws a
 * usage error when a file is not valid or gives a name that another profile has, and what `unreadable` makes of a file
 * that cannot be read.
 */
export async function profilesWith(
  files: readonly string[],
  unreadable: (file: string, problem: string) => BenchError = (file, problem) =>
    usageError(`${file}: ${problem}`, FORM),
): Promise<Profiles> {
  const all = new Map(shippedProfiles());
  for (const file of files) {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw unreadable(file, `${whyUnreadable(error)}, expected a file of link profiles`);
    }
    for (const [name, one] of readProfiles(text, file, all)) all.set(name, { ...one, file });
  }
  return all;
}

function whyUnreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'this is a folder';
  return `it cannot be read: ${messageOf(error)}`;
}

/**
 * Reads profiles out of YAML text. Throws a usage error that lists every problem as `file:line:column: what`; a name
 * that is `taken` is one of them. The file's name is only used in messages.
 */
export function readProfiles(
  text: string,
  file: string,
  taken: Profiles = new Map(),
): Map<string, LinkProfile> {
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
  const twice = Object.keys(parsed.data).filter((name) => taken.has(name));
  if (twice.length > 0) {
    throw invalid(
      file,
      lines,
      twice.map((name) => ({
        offset: keyOffset(document, [], name),
        message: `${name}: ${owner(taken.get(name))} has this name already, expected another`,
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

function owner(profile: LinkProfile | undefined): string {
  return profile?.file === undefined ? 'a profile that comes with the tool' : `a profile of ${profile.file}`;
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

function messageOfIssue(issue: z.core.$ZodIssue): string {
  // A key is refused by a schema of its own, whose message says more than the record's.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code !== 'unrecognized_keys' || issue.path.length !== 1) return issue.message;
  return `${issue.message}, expected ${Object.keys(profileSchema.shape).join(', ')}`;
}
