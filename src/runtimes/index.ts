import { bun } from './bun.ts';
import { deno } from './deno.ts';
import { node22 } from './node-22.ts';
import { node24 } from './node-24.ts';
import { nodePinned } from './node-pinned.ts';
import type { Runtime } from './runtime.ts';

/** Every runtime, the bench's own first. A new one is one file, one line here, and a package in `runtimes/`. */
export const RUNTIMES = [nodePinned, node24, node22, bun, deno] as const satisfies Runtime[];

export type RuntimeName = (typeof RUNTIMES)[number]['name'];
export const RUNTIME_NAMES = RUNTIMES.map(({ name }) => name) as [RuntimeName, ...RuntimeName[]];

/** What clients and brokers run on when nobody asks for anything else. */
export const OWN_RUNTIME = nodePinned.name;

/** The runtime of that name. Throws a RangeError for a name that is not in {@link RUNTIMES}. */
export function runtimeNamed(name: string): Runtime {
  const runtime = RUNTIMES.find((candidate) => candidate.name === name);
  if (runtime === undefined)
    throw new RangeError(`Expected one of ${RUNTIME_NAMES.join(', ')}, got '${name}'`);
  return runtime;
}
