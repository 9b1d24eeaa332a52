import type { MachineFacts } from '../../src/link/machine-facts.ts';

/** A Debian machine of its own, on which nothing is out of the ordinary. */
export const DEBIAN: MachineFacts = {
  platform: 'linux',
  isRoot: true,
  container: undefined,
  isWsl: false,
  distributions: ['debian'],
  kernelRelease: '6.1.0-50-amd64',
};
