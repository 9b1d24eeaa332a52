import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { arch, cpus, release, totalmem, type } from 'node:os';
import type { Results } from '../results/schema.ts';

/** What the figures depend on beside the scenario. */
export function describeEnvironment(): Results['environment'] {
  const congestion = readLine('/proc/sys/net/ipv4/tcp_congestion_control');
  return {
    node: process.versions.node,
    nodePath: process.execPath.includes('node_modules') ? 'pinned by the lockfile' : "the machine's own",
    openssl: process.versions.openssl,
    system: `${type()} ${release()}`,
    arch: arch(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    client: `mqtt.js ${versionOf('mqtt')}`,
    ...(congestion === undefined ? {} : { tcpCongestionControl: congestion }),
  };
}

/** The name and version of this tool. */
export function describeTool(): Results['tool'] {
  const file = findPackageJSON('..', import.meta.url);
  const { name, version } = JSON.parse(readFileSync(file ?? '', 'utf8')) as Results['tool'];
  return { name, version };
}

function versionOf(dependency: string): string {
  const file = findPackageJSON(dependency, import.meta.url);
  if (file === undefined) return 'unknown';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function readLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}
