import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import leven from 'leven';
import * as z from 'zod';
import { messageOf, usageError, type BenchError } from '../errors.ts';
import { linkProblem, linkInputSchema, resolveLink, type LinkSpec } from './spec.ts';
import { parseProfiles } from './yaml-profiles.ts';

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
  const parsed = parseProfiles(text, file, {
    what: 'link profiles',
    schema: profileSchema,
    keys: Object.keys(profileSchema.shape),
    ownerOf: (name) => (taken.has(name) ? owner(taken.get(name)) : undefined),
  });
  return new Map(
    [...parsed].map(([name, { description, source, synthetic, ...link }]) => [
      name,
      { ...resolveLink({ ...link, name }), description, source, synthetic },
    ]),
  );
}

function owner(profile: LinkProfile | undefined): string {
  return profile?.file === undefined ? 'a profile that comes with the tool' : `a profile of ${profile.file}`;
}
