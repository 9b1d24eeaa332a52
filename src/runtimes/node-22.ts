import type { Runtime } from './runtime.ts';

/** The last Node 22 with OpenSSL 3.0, which many long-term systems still have: no ML-KEM, no ML-DSA. */
export const node22 = {
  name: 'node-22',
  title: 'Node 22 (OpenSSL 3.0)',
  packages: {
    'linux-arm64': { name: 'node-22-linux-arm64', binary: 'bin/node' },
    'linux-x64': { name: 'node-22-linux-x64', binary: 'bin/node' },
  },
  args: ['--disable-warning=ExperimentalWarning'],
  readsOpensslConfig: true,
  untold: [],
  serialization: 'advanced',
} as const satisfies Runtime;
