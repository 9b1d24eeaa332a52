import type { Runtime } from './runtime.ts';

export const bun = {
  name: 'bun',
  title: 'Bun (BoringSSL)',
  packages: {
    'darwin-arm64': { name: '@oven/bun-darwin-aarch64', binary: 'bin/bun' },
    'linux-arm64': { name: '@oven/bun-linux-aarch64', binary: 'bin/bun' },
    'linux-x64': { name: '@oven/bun-linux-x64', binary: 'bin/bun' },
  },
  // What a folder's bunfig.toml or .env says must not change what is measured.
  args: ['--no-install', '--no-env-file', '--config=/dev/null'],
  readsOpensslConfig: false,
  untold: ['group', 'ticket'],
  serialization: 'json',
} as const satisfies Runtime;
