import type { Runtime } from './runtime.ts';

export const node24 = {
  name: 'node-24',
  title: 'Node 24 (OpenSSL 3.5)',
  packages: {
    'linux-arm64': { name: 'node-24-linux-arm64', binary: 'bin/node' },
    'linux-x64': { name: 'node-24-linux-x64', binary: 'bin/node' },
    'win32-x64': { name: 'node-24-win-x64', binary: 'bin/node.exe' },
  },
  args: [],
  readsOpensslConfig: true,
  untold: [],
  serialization: 'advanced',
} as const satisfies Runtime;
