import * as z from 'zod';

const MAX_STEP_MS = 3_600_000;
const DEFAULT_STEP_MS = 600_000;

/** What a scenario says of the repository that a broker of its own is built from. */
export const sourceSchema = z.strictObject({
  repository: z.string().min(1).optional().meta({
    description: 'a folder in a git repository, which counts from this file (default: the one of this file)',
  }),
  revision: z
    .string('expected a branch, tag or commit, as text: one of digits alone needs quotes')
    .regex(/^[^-\s]\S*$/, 'expected a branch, tag or commit')
    .optional()
    .meta({
      description: 'what is checked out and built; absent: the files as they are, and nothing is built',
    }),
  build: z
    .array(z.array(z.string().min(1)).min(1))
    .min(1)
    .optional()
    .meta({
      description: 'programs with their arguments, no shell, that are run one after another in {source}',
    }),
  withinMs: z.int().min(1).max(MAX_STEP_MS).optional().meta({
    description: 'how long each of them may take (default 600000)',
  }),
});

type SourceInput = z.infer<typeof sourceSchema>;

/** The same with every default in its place. */
export interface SourceSettings {
  repository: string;
  revision: string | undefined;
  build: readonly (readonly string[])[];
  withinMs: number;
}

export function sourceOf({ repository = '.', revision, build = [], withinMs }: SourceInput): SourceSettings {
  return { repository, revision, build, withinMs: withinMs ?? DEFAULT_STEP_MS };
}
