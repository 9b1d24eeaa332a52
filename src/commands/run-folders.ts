import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../errors.ts';
import { claimFolder } from '../results/folder.ts';

/**
 * A run folder for each scenario: `--out` itself for one, subfolders of it for several, fresh ones below
 * `results/runs` without `--out`. Throws a usage error when `--out` holds something already.
 */
export async function runFolders(
  names: readonly string[],
  out: string | undefined,
  now: Date,
): Promise<string[]> {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw usageError(
      `Two of the scenarios are called ${twice}, so their run folders would be one`,
      'Give them different names, or run one after the other.',
    );
  }
  if (out !== undefined) {
    // Before the first scenario is measured, not after it.
    await claimFolder(out);
    return names.length === 1 ? [out] : names.map((name) => join(out, name));
  }
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return Promise.all(names.map((name) => firstFree(join('results', 'runs', `${name}-${stamp}`))));
}

/** Two runs may begin in the same second. */
async function firstFree(folder: string): Promise<string> {
  for (let twin = 1; ; twin++) {
    const candidate = twin === 1 ? folder : `${folder}-${twin}`;
    if (!(await exists(candidate))) return candidate;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
