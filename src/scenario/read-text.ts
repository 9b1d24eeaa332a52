import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { messageOf, usageError } from '../errors.ts';
import { nearestName } from './suggest.ts';
import { or } from './wording.ts';

/** Advice for whoever has no scenario yet. */
export const STARTER = '`mqtt-tls-bench init` writes a scenario to start from.';

/** Reads a scenario's text. Throws a usage error that names the scenarios nearby when the path leads to none. */
export async function readScenarioText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw usageError(`${path}: there is no such file, expected a scenario`, await similarTo(path));
    }
    if (code === 'EISDIR') {
      throw usageError(`${path}: this is a folder, expected a scenario file`, await contentsOf(path));
    }
    throw usageError(`${path}: the scenario cannot be read: ${messageOf(error)}`);
  }
}

async function similarTo(path: string): Promise<string> {
  const folder = dirname(path);
  const byStem = new Map((await scenariosIn(folder)).map((file) => [stem(file), file]));
  const file = byStem.get(nearestName(stem(path), [...byStem.keys()]) ?? '');
  return file === undefined ? STARTER : `Did you mean ${join(folder, file)}?`;
}

async function contentsOf(folder: string): Promise<string> {
  const files = await scenariosIn(folder);
  return files.length === 0 ? STARTER : `Name a file of it: ${or(files)}.`;
}

async function scenariosIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /\.ya?ml$/.test(name)).toSorted();
}

function stem(path: string): string {
  return basename(path, extname(path));
}
