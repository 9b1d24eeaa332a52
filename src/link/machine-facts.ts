import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release } from 'node:os';

/** What a remedy depends on, as far as it can be read without being root. */
export interface MachineFacts {
  platform: NodeJS.Platform;
  isRoot: boolean;
  /** What this process runs in; undefined on a machine of its own. */
  container: 'docker' | 'podman' | 'kubernetes' | 'other' | undefined;
  isWsl: boolean;
  /** `ID` and `ID_LIKE` of os-release(5). */
  distributions: string[];
  kernelRelease: string;
}

export async function machineFacts(): Promise<MachineFacts> {
  const [osRelease, version] = await Promise.all([read('/etc/os-release'), read('/proc/version')]);
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    container: container(),
    isWsl: /microsoft/i.test(version),
    distributions: [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]+)"?$/gm)].flatMap(
      ([, names]) => names?.split(' ') ?? [],
    ),
    kernelRelease: release(),
  };
}

function container(): MachineFacts['container'] {
  if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) return 'kubernetes';
  if (existsSync('/run/.containerenv')) return 'podman';
  if (existsSync('/.dockerenv')) return 'docker';
  return process.env['container'] === undefined ? undefined : 'other';
}

/** A file's text; empty when it is not there. */
export function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

/** A tool that is asked for, by the family of distributions in which a package of another name has it. */
const PACKAGES = {
  debian: { install: 'apt-get install', ip: 'iproute2', tc: 'iproute2', unshare: 'util-linux' },
  fedora: { install: 'dnf install', ip: 'iproute', tc: 'iproute-tc', unshare: 'util-linux' },
  alpine: { install: 'apk add', ip: 'iproute2', tc: 'iproute2', unshare: 'util-linux' },
  arch: { install: 'pacman -S', ip: 'iproute2', tc: 'iproute2', unshare: 'util-linux' },
} as const;

export type Tool = 'ip' | 'tc' | 'unshare';

/** The command that installs tools, run by root; Debian's where the distribution is not known. */
export function installCommand(tools: readonly Tool[], facts: MachineFacts): string {
  const family = (Object.keys(PACKAGES) as (keyof typeof PACKAGES)[]).find((name) =>
    facts.distributions.some((one) => one === name || (name === 'fedora' && one === 'rhel')),
  );
  const { install, ...packages } = PACKAGES[family ?? 'debian'];
  return asRoot(`${install} ${[...new Set(tools.map((tool) => packages[tool]))].join(' ')}`, facts);
}

/** A command that only root may run. */
export function asRoot(command: string, { isRoot }: Pick<MachineFacts, 'isRoot'>): string {
  return isRoot ? command : `sudo ${command}`;
}

/** How capabilities and devices are given to the container that this runs in, which no command inside can do. */
export function containerOptions(
  container: 'docker' | 'podman' | 'kubernetes' | 'other',
  options: string,
): string {
  if (container === 'docker' || container === 'podman') return `${container} run ${options} …`;
  return `the equivalent of \`docker run ${options}\``;
}
