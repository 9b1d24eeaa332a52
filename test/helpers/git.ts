import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

/** Runs git in a folder, whatever the user's own settings are, and in whose hook the tests may run. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  const inherited = Object.keys(process.env).filter((name) => name.startsWith('GIT_'));
  const env = {
    ...Object.fromEntries(inherited.map((name) => [name, undefined])),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const { stdout } = await execa('git', ['-C', folder, ...who, ...args], { env });
  return stdout;
}

/** Makes a folder a repository of commits, each of some files by their paths; answers with the commits. */
export async function makeRepository(
  folder: string,
  commits: readonly Record<string, string>[],
): Promise<string[]> {
  await git(folder, 'init', '--quiet', '--initial-branch=main');
  const made: string[] = [];
  for (const files of commits) {
    for (const [path, text] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o755 });
    }
    await git(folder, 'add', '--all');
    await git(folder, 'commit', '--quiet', '--message', `commit ${made.length + 1}`);
    made.push(await git(folder, 'rev-parse', 'HEAD'));
  }
  return made;
}
