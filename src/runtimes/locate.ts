import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findPackageJSON } from 'node:module';
import type { Runtime } from './runtime.ts';

/** Where the binary is, or why there is none and what would mend it. */
export type Located = { file: string } | { lack: string };

/** Looks for a runtime's binary among the packages of `runtimes/`, which a lockfile of their own pins. */
export async function locateRuntime(runtime: Runtime): Promise<Located> {
  if (runtime.packages === undefined) return { file: process.execPath };
  const platform = `${process.platform}-${process.arch}`;
  const shipped = runtime.packages[platform];
  if (shipped === undefined) return { lack: `no npm package ships ${runtime.title} for ${platform}` };
  const file = join(runtimesFolder(), 'node_modules', shipped.name, shipped.binary);
  try {
    await access(file, constants.X_OK);
    return { file };
  } catch {
    return { lack: `${runtime.title} is not installed: npm ci --prefix ${runtimesFolder()}` };
  }
}

function runtimesFolder(): string {
  return join(dirname(findPackageJSON(import.meta.url) ?? '.'), 'runtimes');
}
