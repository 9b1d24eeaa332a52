import { expect } from 'vitest';
import { OWN_RUNTIME, RUNTIMES, type RuntimeName } from '../../src/runtimes/index.ts';
import { locateRuntime } from '../../src/runtimes/locate.ts';

/** The other runtimes. */
export const FOREIGN = RUNTIMES.map(({ name }) => name).filter((name) => name !== OWN_RUNTIME);

/**
 * The other runtimes that are installed. CI must have all that its platform has; elsewhere the tests of those that are
 * missing are skipped, and say so.
 */
export async function installedRuntimes(): Promise<Set<RuntimeName>> {
  const installed = new Set<RuntimeName>();
  for (const runtime of RUNTIMES) {
    const located = await locateRuntime(runtime);
    if ('file' in located) installed.add(runtime.name);
    else {
      process.stderr.write(`SKIPPED, ${located.lack}\n`);
      if (process.env['CI'] === 'true') expect.fail(`CI needs every runtime: ${located.lack}`);
    }
  }
  return installed;
}
