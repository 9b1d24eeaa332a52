import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** A program that is not the bench's own, and the Debian package that brings it. */
export interface Tool {
  command: string;
  package: string;
  /** What of a run needs it, or that this project's own tests alone do. */
  for: 'links' | 'brokers' | 'topologies' | 'tests';
}

/**
 * Every program that something here needs beside Node: a run that asks for one that is missing says so and names the
 * package, and CI installs all of them from this list.
 */
export const TOOLS = [
  { command: 'ip', package: 'iproute2', for: 'links' },
  { command: 'unshare', package: 'util-linux', for: 'links' },
  { command: 'setpriv', package: 'util-linux', for: 'links' },
  { command: 'mosquitto', package: 'mosquitto', for: 'brokers' },
  { command: 'haproxy', package: 'haproxy', for: 'topologies' },
  // Its stream module is a package of its own, which brings the program too.
  { command: 'nginx', package: 'libnginx-mod-stream', for: 'topologies' },
  { command: 'stunnel4', package: 'stunnel4', for: 'topologies' },
  { command: 'mount', package: 'mount', for: 'links' },
  { command: 'wireguard-go', package: 'wireguard-go', for: 'topologies' },
  { command: 'openvpn', package: 'openvpn', for: 'topologies' },
  { command: 'nft', package: 'nftables', for: 'topologies' },
  { command: 'nats-server', package: 'nats-server', for: 'brokers' },
  { command: 'rabbitmq-server', package: 'rabbitmq-server', for: 'brokers' },
  { command: 'epmd', package: 'erlang-base', for: 'brokers' },
  { command: 'mosquitto_passwd', package: 'mosquitto', for: 'tests' },
  { command: 'chromium', package: 'chromium', for: 'tests' },
  { command: 'qemu-system-x86_64', package: 'qemu-system-x86', for: 'tests' },
  { command: 'busybox', package: 'busybox-static', for: 'tests' },
  { command: 'depmod', package: 'kmod', for: 'tests' },
  { command: 'cpio', package: 'cpio', for: 'tests' },
  { command: 'xz', package: 'xz-utils', for: 'tests' },
  { command: 'shellcheck', package: 'shellcheck', for: 'tests' },
  { command: 'tshark', package: 'tshark', for: 'tests' },
] as const satisfies Tool[];

export type ToolName = (typeof TOOLS)[number]['command'];

/** Where daemons are installed, which a user's PATH need not have. */
const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** PATH with the folders of daemons behind it: for whatever starts programs by their bare names. */
export function searchPath(): string {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return [...new Set([...own, ...DAEMON_FOLDERS])].join(delimiter);
}

/** The file of a program, by PATH and the folders of daemons; undefined when it is not installed. */
export async function locateTool(command: ToolName): Promise<string | undefined> {
  return locateProgram(command);
}

/** The same of any program; of a path, that itself. */
export async function locateProgram(command: string): Promise<string | undefined> {
  const files = command.includes('/')
    ? [command]
    : searchPath()
        .split(delimiter)
        .map((folder) => join(folder, command));
  for (const file of files) {
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/** That a program is not installed, and which package brings it; undefined when it is. */
export async function toolLack(command: ToolName): Promise<string | undefined> {
  if ((await locateTool(command)) !== undefined) return undefined;
  const tool = TOOLS.find((candidate) => candidate.command === command);
  return `${command} is not installed; on Debian and Ubuntu: apt-get install ${tool?.package ?? command}`;
}
