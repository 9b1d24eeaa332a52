import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { BenchError, environmentError, usageError } from '../errors.ts';
import { openProgram } from '../process/program.ts';
import { locateTool, toolLack } from '../process/tools.ts';
import type { SourceSettings } from './source-settings.ts';

/** A commit of a repository, or its files as they are. */
interface Source {
  /** The repository's data, which all its worktrees share. */
  gitFolder: string;
  /** Where the files are that nobody has committed; undefined of a bare repository. */
  worktree: string | undefined;
  /** Undefined where the files are taken as they are. */
  commit: string | undefined;
}

/**
 * Variables that a hook of git has, and with which any git would work on the hook's repository, whatever its folder
 * (`git rev-parse --local-env-vars`).
 */
const HOOK_VARIABLES = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

/** Revisions that were looked up: one means the same commit for a whole command, whatever is committed meanwhile. */
const known = new Map<string, Promise<Source>>();

/**
 * Looks a source up, before anything is started. Throws a usage error (exit code 2) for a folder that is in no git
 * repository and for a revision that it does not have, an environment error (exit code 5) where git is missing.
 */
export function findSource({ repository, revision }: SourceSettings): Promise<Source> {
  const key = JSON.stringify([repository, revision]);
  const found = known.get(key) ?? lookUp(repository, revision);
  known.set(key, found);
  return found;
}

async function lookUp(repository: string, revision: string | undefined): Promise<Source> {
  const lack = await toolLack('git');
  if (lack !== undefined) throw environmentError(`\`broker.source\` needs git, and ${lack}`);
  const inside = await git(repository, 'rev-parse', '--path-format=absolute', '--git-common-dir');
  if (inside.failed) {
    throw usageError(
      `broker.source.repository: ${repository} is in no git repository that may be read: ${inside.said}`,
      'Name the folder of a clone; its place counts from the scenario.',
    );
  }
  const top = await git(repository, 'rev-parse', '--show-toplevel');
  const worktree = top.failed ? undefined : top.said;
  if (revision === undefined) {
    if (worktree !== undefined) return { gitFolder: inside.said, worktree, commit: undefined };
    throw usageError(
      `broker.source: ${repository} is a bare repository, whose files are nowhere as they are`,
      'Name a `revision`.',
    );
  }
  const commit = await git(repository, 'rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`);
  if (!commit.failed) return { gitFolder: inside.said, worktree, commit: commit.said };
  throw usageError(
    `broker.source.revision: ${repository} has no commit ${revision}: ${commit.said}`,
    'Fetch it, or name a branch (origin/main where there is no local one), tag or commit that is there; a shallow clone has few.',
  );
}

/** Where a source is built: once for all brokers of a run that are started from it. */
function folderOf(privateFolder: string, settings: SourceSettings): string {
  const id = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12);
  return join(privateFolder, `source-${id}`);
}

/** Of what a source is built in. */
interface BuildContext {
  /** The private folder of a run. */
  privateFolder: string;
  step: (text: string) => void;
  signal: AbortSignal;
}

/**
 * Checks a revision out into the private folder of a run and builds it there; the repository itself is only read. Nothing
 * of a step goes on when this has ended, be it by the signal; and all of it ends with the bench, however that ends. Throws
 * an environment error (exit code 5), with what was said last, when a step fails or takes too long.
 */
export async function buildSource(settings: SourceSettings, context: BuildContext): Promise<void> {
  const { gitFolder, worktree, commit } = await findSource(settings);
  const { revision, build, repository } = settings;
  const { privateFolder, step } = context;
  if (commit === undefined) {
    step(`taking ${worktree ?? repository} as it is; nothing is built of it without a revision`);
    return;
  }
  const folder = folderOf(privateFolder, settings);
  if (existsSync(folder)) return;
  const named = `${revision} (${commit.slice(0, 12)})`;
  step(`checking out ${named} of ${repository}`);
  await checkOut({ gitFolder, commit, repository }, folder, (command, where) =>
    runStep(command, where, { settings, named, context }),
  );
  for (const command of build) {
    step(`building ${named}: ${command.join(' ')}`);
    await runStep(command, folder, { settings, named, context });
  }
}

/**
 * Makes a repository of its own that borrows the objects of the other one (gitrepository-layout(5), objects/info/alternates):
 * any commit of that is there, also of a shallow clone, of which `git clone --shared` would copy the branches alone.
 */
async function checkOut(
  { gitFolder, commit, repository }: { gitFolder: string; commit: string; repository: string },
  folder: string,
  run: (command: readonly string[], where: string) => Promise<void>,
): Promise<void> {
  const file = (await locateTool('git')) ?? 'git';
  const format = await git(repository, 'rev-parse', '--show-object-format');
  await run([file, 'init', '--quiet', `--object-format=${format.said}`, folder], gitFolder);
  const own = join(folder, '.git');
  await writeFile(join(own, 'objects/info/alternates'), `${join(gitFolder, 'objects')}\n`);
  const shallow = join(gitFolder, 'shallow');
  if (existsSync(shallow)) await copyFile(shallow, join(own, 'shallow'));
  // Builds name their version by the last tag, and find their submodules beside where the repository came from.
  await run(
    [file, 'fetch', '--quiet', '--no-recurse-submodules', gitFolder, '+refs/tags/*:refs/tags/*'],
    folder,
  );
  const origin = await git(repository, 'config', '--get', 'remote.origin.url');
  await run([file, 'remote', 'add', 'origin', origin.failed ? gitFolder : origin.said], folder);
  await run([file, 'checkout', '--quiet', '--detach', commit], folder);
}

/** What `{source}` stands for. */
export interface BuiltSource {
  folder: string;
  /** Undefined of files as they are. */
  commit: string | undefined;
}

/** Where a source is that needs no building any more. */
export async function builtSource(settings: SourceSettings, privateFolder: string): Promise<BuiltSource> {
  const { worktree, commit } = await findSource(settings);
  return commit === undefined
    ? { folder: worktree ?? settings.repository, commit }
    : { folder: folderOf(privateFolder, settings), commit };
}

async function runStep(
  command: readonly string[],
  folder: string,
  { settings, named, context }: { settings: SourceSettings; named: string; context: BuildContext },
): Promise<void> {
  const { signal } = context;
  const what = `\`${command.join(' ')}\` of ${named}`;
  const prefix = ['env', ...HOOK_VARIABLES.flatMap((name) => ['-u', name])];
  const program = await openProgram({ name: 'build', prefix });
  const stop = (): void => void program.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const { how, output } = await program.run({ command, folder, withinMs: settings.withinMs });
    if (how === 'exit code 0') return;
    throw environmentError(`${what} failed (${how}):\n${output}`);
  } catch (error) {
    if (!(error instanceof BenchError) || error.message.startsWith(what)) throw error;
    throw environmentError(`${what} failed: ${error.message}`, error.mend);
  } finally {
    signal.removeEventListener('abort', stop);
    await program.stop();
  }
}

async function git(folder: string, ...args: string[]): Promise<{ failed: boolean; said: string }> {
  const file = (await locateTool('git')) ?? 'git';
  const env = Object.fromEntries(HOOK_VARIABLES.map((name) => [name, undefined]));
  const { failed, stdout, stderr } = await execa(file, ['-C', folder, ...args], { reject: false, env });
  return { failed, said: (failed ? stderr : stdout).trim() };
}
