import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findPackageJSON } from 'node:module';
import type { Runtime } from './runtime.ts';

/** Where the binary is and what its environment needs, or why there is none and what would mend it. */
export type Located = { file: string; env: Record<string, string> } | { lack: string };

/** Looks for a runtime's binary among the packages of `runtimes/`, which a lockfile of their own pins. */
export async function locateRuntime(runtime: Runtime): Promise<Located> {
  const { cacheVariable } = runtime;
  if (runtime.packages === undefined) return { file: process.execPath, env: {} };
  const platform = `${process.platform}-${process.arch}`;
  const shipped = runtime.packages[platform];
  if (shipped === undefined) return { lack: `no npm package ships ${runtime.title} for ${platform}` };
  const file = join(runtimesFolder(), 'node_modules', shipped.name, shipped.binary);
  try {
    await access(file, constants.X_OK);
    // It goes with the packages, where it would otherwise lie in the user's home.
    return {
      file,
      env: cacheVariable === undefined ? {} : { [cacheVariable]: join(dirname(file), '.cache') },
    };
  } catch {
    return { lack: `${runtime.title} is not installed: npm ci --prefix ${runtimesFolder()}` };
  }
}

function runtimesFolder(): string {
  return join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'runtimes');
}
