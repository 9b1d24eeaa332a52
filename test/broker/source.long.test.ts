import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildSource, builtSource, findSource } from '../../src/broker/source.ts';
import { sourceOf, sourceSchema, type SourceSettings } from '../../src/broker/source-settings.ts';
import { setVariables } from '../helpers/external.ts';
import { git, makeRepository } from '../helpers/git.ts';
import { isRunning, until } from '../helpers/processes.ts';
import { sharedFolders, temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';

const hasGit = await hasTools('git');
const newFolder = sharedFolders();
const repository = newFolder();
let commits: string[];
beforeAll(async () => {
  if (hasGit)
    commits = await makeRepository(repository, [
      { 'server.txt': 'first', 'deep/down.txt': 'x' },
      { 'server.txt': 'second' },
    ]);
});

function settings(changes: Partial<SourceSettings> = {}): SourceSettings {
  return { ...sourceOf({ repository }), ...changes };
}

async function build(
  source: SourceSettings,
  signal = new AbortController().signal,
): Promise<{ folder: string; commit: string | undefined; steps: string[] }> {
  const privateFolder = temporaryFolder();
  const steps: string[] = [];
  const context = { privateFolder, step: (text: string) => steps.push(text), signal };
  await buildSource(source, context);
  // What was built is built once, for all brokers of it.
  await buildSource(source, context);
  return { ...(await builtSource(source, privateFolder)), steps };
}

describe.runIf(hasGit)('a revision', () => {
  it.each([
    ['HEAD', 'second', 1],
    ['main~1', 'first', 0],
  ])('%s is checked out and built', async (revision, text, index) => {
    const shout = [process.execPath, '-e', 'fs.writeFileSync("made", fs.readFileSync("server.txt") + "!")'];
    const { folder, commit, steps } = await build(settings({ revision, build: [shout] }));
    expect(readFileSync(join(folder, 'made'), 'utf8')).toBe(`${text}!`);
    expect(commit).toBe(commits[index]);
    const named = `${revision} (${commit?.slice(0, 12)})`;
    expect(steps).toEqual([
      `checking out ${named} of ${repository}`,
      `building ${named}: ${shout.join(' ')}`,
    ]);
  });

  it('leaves the repository as it is', async () => {
    writeFileSync(join(repository, 'server.txt'), 'not committed');
    const state = async (): Promise<string[]> => [
      await git(repository, 'status', '--porcelain=v2', '--branch'),
      await git(repository, 'worktree', 'list'),
      ...readdirSync(join(repository, '.git'), { recursive: true }).map(String).toSorted(),
    ];
    const before = await state();
    const { folder } = await build(settings({ revision: 'HEAD' }));
    expect(readFileSync(join(folder, 'server.txt'), 'utf8')).toBe('second');
    expect(await state()).toEqual(before);
    await git(repository, 'checkout', '--quiet', 'server.txt');
  });

  it('is checked out of the repository that is named, also in a hook of another', async () => {
    const other = newFolder();
    const [own] = await makeRepository(other, [{ 'server.txt': 'of the hook' }]);
    setVariables({ GIT_DIR: join(other, '.git'), GIT_INDEX_FILE: join(other, '.git/index') });
    const told = [process.execPath, '-e', 'fs.writeFileSync("told", String(process.env.GIT_DIR))'];
    const { folder } = await build(settings({ revision: 'HEAD~1', build: [told] }));
    expect(readFileSync(join(folder, 'server.txt'), 'utf8')).toBe('first');
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe('undefined');
    expect(await git(other, 'rev-parse', 'HEAD')).toBe(own);
    expect(await git(other, 'status', '--porcelain')).toBe('');
  });

  it('is found from a folder inside, in a worktree, and in a bare repository', async () => {
    const tree = join(newFolder(), 'tree');
    await git(repository, 'worktree', 'add', '--quiet', '--detach', tree, 'HEAD~1');
    const bare = join(newFolder(), 'bare.git');
    await git(repository, 'clone', '--quiet', '--bare', repository, bare);
    for (const [place, index] of [
      [join(repository, 'deep'), 1],
      [tree, 0],
      [bare, 1],
    ] as const) {
      const { folder, commit } = await build(settings({ repository: place, revision: 'HEAD' }));
      expect(commit).toBe(commits[index]);
      expect(existsSync(join(folder, 'deep/down.txt'))).toBe(true);
    }
    await expect(findSource(settings({ repository: bare }))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('is a bare repository'),
    });
    await git(repository, 'worktree', 'remove', tree);
  });

  it('is found in a shallow clone, where only what follows a remote has it, with the tags that builds ask for', async () => {
    const origin = newFolder();
    const made = await makeRepository(origin, [{ 'server.txt': 'one' }, { 'server.txt': 'two' }]);
    await git(origin, 'tag', '--annotate', '--message', 'a release', 'v2', 'main~1');
    await git(origin, 'checkout', '--quiet', '-b', 'change');
    await git(origin, 'commit', '--quiet', '--allow-empty', '--message', 'change');
    const shallow = join(newFolder(), 'shallow');
    const url = `file://${origin}`;
    await git(origin, 'clone', '--quiet', '--depth=1', '--branch=change', url, shallow);
    await git(
      shallow,
      'fetch',
      '--quiet',
      '--depth=2',
      'origin',
      'main:refs/remotes/origin/main',
      'tag',
      'v2',
    );
    const describe = 'require("child_process").execSync("git describe --tags && git remote get-url origin")';
    const told = [process.execPath, '-e', `fs.writeFileSync("told", ${describe})`];
    const { folder, commit } = await build(
      settings({ repository: shallow, revision: 'origin/main', build: [told] }),
    );
    expect(commit).toBe(made[1]);
    expect(readFileSync(join(folder, 'server.txt'), 'utf8')).toBe('two');
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe(`v2-1-g${commit?.slice(0, 7)}\n${url}\n`);
  });

  it('means one commit for as long as the bench runs', async () => {
    const moving = newFolder();
    const [first] = await makeRepository(moving, [{ 'server.txt': 'one' }]);
    const source = settings({ repository: moving, revision: 'HEAD' });
    await findSource(source);
    writeFileSync(join(moving, 'server.txt'), 'two');
    await git(moving, 'commit', '--quiet', '--all', '--message', 'meanwhile');
    expect((await build(source)).commit).toBe(first);
  });
});

it.runIf(hasGit)('without a revision the files are taken as they are, and nothing is built', async () => {
  const never = [process.execPath, '-e', 'process.exit(1)'];
  const { folder, commit, steps } = await build(
    settings({ repository: join(repository, 'deep'), build: [never] }),
  );
  expect({ folder, commit }).toEqual({ folder: repository, commit: undefined });
  expect(new Set(steps)).toEqual(
    new Set([`taking ${repository} as it is; nothing is built of it without a revision`]),
  );
});

describe.runIf(hasGit)('what cannot be built', () => {
  it('a revision that is not there, a folder that is no repository', async () => {
    await expect(findSource(settings({ revision: 'no-such-branch' }))).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^broker\.source\.revision: .* has no commit no-such-branch: fatal: /),
    });
    for (const place of [temporaryFolder(), '/no/such/folder'])
      await expect(findSource(settings({ repository: place }))).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/^broker\.source\.repository: .* is in no git repository.*: fatal: /),
      });
  });

  it.each([
    ['-x', 'expected a branch, tag or commit'],
    [1234567, 'expected a branch, tag or commit, as text: one of digits alone needs quotes'],
  ])('%s is no revision', (revision, message) => {
    expect(sourceSchema.safeParse({ revision }).error?.issues).toMatchObject([{ message }]);
  });

  it('a step that fails: with what it said last', async () => {
    const fails = [process.execPath, '-e', 'console.error("no compiler"); process.exitCode = 4'];
    await expect(build(settings({ revision: 'HEAD', build: [fails] }))).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/` of HEAD \(\w{12}\) failed \(exit code 4\):\nno compiler$/),
    });
    await expect(build(settings({ revision: 'HEAD', build: [['./none']] }))).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('./none'),
    });
  });

  /** Says its process id in a file, then makes files for ever. */
  function endless(file: string): string[] {
    const script = `fs.writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => fs.writeFileSync(String(Math.random()), ''), 1)`;
    return [process.execPath, '-e', script];
  }

  it('a step that takes too long, or is interrupted: nothing is left of it', async () => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    const [late, interrupted] = [join(folder, 'late'), join(folder, 'interrupted')];
    await expect(
      build(settings({ revision: 'HEAD', build: [endless(late)], withinMs: 8000 })),
    ).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/ of HEAD \(\w{12}\) failed: it has not ended within 8 s$/),
    });
    const abort = new AbortController();
    const building = build(settings({ revision: 'HEAD', build: [endless(interrupted)] }), abort.signal);
    const told = building.then(
      () => 'built',
      (error: unknown) => error,
    );
    await until('it is building', () => existsSync(interrupted) && readFileSync(interrupted).length > 0);
    abort.abort();
    expect(await told).toBeInstanceOf(Error);
    expect(isRunning(Number(readFileSync(interrupted, 'utf8')))).toBe(false);
    for (const file of [late, interrupted])
      await until('it has ended', () => !isRunning(Number(readFileSync(file, 'utf8'))));
  });
});
