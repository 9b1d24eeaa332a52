import type { Runtime } from './runtime.ts';

export const deno = {
  name: 'deno',
  title: 'Deno (rustls)',
  packages: {
    'darwin-arm64': { name: '@deno/darwin-arm64', binary: 'deno' },
    'linux-arm64': { name: '@deno/linux-arm64-glibc', binary: 'deno' },
    'linux-x64': { name: '@deno/linux-x64-glibc', binary: 'deno' },
  },
  // It types nothing and writes nothing: no lock file, no folder of modules of its own.
  args: [
    'run',
    '--allow-all',
    '--quiet',
    '--no-check',
    '--no-lock',
    '--no-config',
    '--node-modules-dir=manual',
  ],
  readsOpensslConfig: false,
  untold: ['group', 'ticket'],
  serialization: 'json',
} as const satisfies Runtime;
