import type { Topology, TopologyChoice } from './topology.ts';

export const direct = {
  name: 'direct',
  description: 'The link ends at the broker.',
  hasInnerLink: false,
  shape: {},
  lack: () => Promise.resolve(undefined),
  cannot: () => undefined,
  path: () => undefined,
  brokerMode: (mode) => mode,
  open: ({ link }) =>
    Promise.resolve({
      broker: { prefix: link.prefix.broker, host: link.brokerHost },
      reach: (outer, _mode, listener) => link.route(outer, listener),
      processes: [],
      close: () => Promise.resolve(),
    }),
} as const satisfies Topology;

/** The choice of it, which has nothing to settle. */
export const DIRECT: TopologyChoice = { id: 'direct', name: 'direct', innerLink: undefined, options: {} };
