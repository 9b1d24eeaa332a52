import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is closed is let go of by finalizers, which run between collections. */
const COLLECTIONS = 3;

/**
 * Resident memory of this process in bytes, as getrusage(2) and proc(5) count it, after the garbage was collected and without
 * V8's young generation. V8 collects on demand with `--expose-gc`, which may be set while it runs; where a runtime has nothing of
 * the kind the garbage is part of the figure.
 */
export async function settledRssBytes(): Promise<number> {
  const collect = collector();
  for (let count = 0; count < COLLECTIONS; count++) {
    collect?.();
    await turn();
  }
  return process.memoryUsage.rss() - youngBytes();
}

/**
 * Room for garbage that is yet to come: three semi-spaces, each of 1 to 16 MiB by how busy the process has been. Nothing lives
 * there after a collection, and over 10,000 clients it would be up to 5 KiB of each.
 */
function youngBytes(): number {
  try {
    const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
    return young?.physical_space_size ?? 0;
  } catch {
    // A runtime with a heap of another kind.
    return 0;
  }
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
