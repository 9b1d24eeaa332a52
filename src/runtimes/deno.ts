import type { Runtime } from './runtime.ts';

export const deno = {
  name: 'deno',
  title: 'Deno (rustls)',
  packages: {
    'darwin-arm64': { name: '@deno/darwin-arm64', binary: 'deno' },
    'linux-arm64': { name: '@deno/linux-arm64-glibc', binary: 'deno' },
    'linux-x64': { name: '@deno/linux-x64-glibc', binary: 'deno' },
  },
  // It checks no types, and makes no lock file and no folder of modules.
  args: [
    'run',
    '--allow-all',
    '--quiet',
    '--no-check',
    '--no-lock',
    '--no-config',
    '--node-modules-dir=manual',
  ],
  cacheVariable: 'DENO_DIR',
  readsOpensslConfig: false,
  untold: ['group', 'ticket'],
  serialization: 'json',
} as const satisfies Runtime;
