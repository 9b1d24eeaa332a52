import { readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What is closed is let go of by finalizers, which run between collections. */
const COLLECTIONS = 3;
/** Another one leaves pages that V8 keeps for later to a timer: megabytes that are gone at the next look, or are not. */
const THOROUGH = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const;

type Collect = (options: typeof THOROUGH) => void;

/**
 * Resident memory of this process in bytes after the garbage was collected, without V8's young generation and, where proc(5)
 * tells, without pages of files: how much of a program has been read in says nothing of what it holds. V8 collects on demand with `--expose-gc`, which may be set while it runs; where a runtime has nothing of
 * the kind the garbage is part of the figure.
 */
export async function settledRssBytes(): Promise<number> {
  const collect = collector();
  for (let count = 0; count < COLLECTIONS; count++) {
    collect?.(THOROUGH);
    await turn();
  }
  return (await anonymousBytes()) - youngBytes();
}

/** From the page tables themselves: the kernel's running counts are off by as much as its processors have not told yet. */
async function anonymousBytes(): Promise<number> {
  const pages = await readFile('/proc/self/smaps_rollup', 'utf8').catch(() => '');
  const kib = /^Anonymous: *(\d+) kB$/m.exec(pages)?.[1];
  return kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024;
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

function collector(): Collect | undefined {
  try {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    return typeof found === 'function' ? (found as Collect) : undefined;
  } catch {
    return undefined;
  }
}
