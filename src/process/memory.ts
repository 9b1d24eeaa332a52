import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is closed is let go of by finalizers, which run between collections. */
const COLLECTIONS = 3;

/**
 * Resident memory of this process in bytes, as getrusage(2) and proc(5) count it, after the garbage was collected. V8
 * collects on demand with `--expose-gc`, which may be set while it runs; where a runtime has nothing of the kind the
 * garbage is part of the figure.
 */
export async function settledRssBytes(): Promise<number> {
  const collect = collector();
  for (let count = 0; count < COLLECTIONS; count++) {
    collect?.();
    await turn();
  }
  return process.memoryUsage.rss();
}

function collector(): (() => void) | undefined {
  try {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    return typeof found === 'function' ? (found as () => void) : undefined;
  } catch {
    return undefined;
  }
}
