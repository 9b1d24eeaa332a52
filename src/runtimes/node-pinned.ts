import type { Runtime } from './runtime.ts';

/** The Node that runs the bench itself: the one that the lockfile pins, in every npm script. */
export const nodePinned = {
  name: 'node',
  title: 'Node, pinned (OpenSSL)',
  packages: undefined,
  args: [],
  readsOpensslConfig: true,
  untold: [],
  serialization: 'advanced',
} as const satisfies Runtime;
