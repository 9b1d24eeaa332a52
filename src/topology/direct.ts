import type { Topology } from './topology.ts';

export const direct = {
  name: 'direct',
  description: 'The link ends at the broker.',
  enter: (listener) => Promise.resolve({ entrance: listener, close: () => Promise.resolve() }),
} as const satisfies Topology;
