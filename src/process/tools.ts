import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { findStreamModule } from './nginx-stream.ts';

/** A program that is not the bench's own, and the Debian package that brings it. */
export interface Tool {
  command: string;
  package: string;
  /** What of a run needs it, or that this project's own tests alone do. */
  for: 'links' | 'brokers' | 'topologies' | 'tests';
  /** What of it is missing where its file is there; undefined: nothing. Absent: it comes whole. */
  partLack?: (file: string) => Promise<string | undefined>;
}

/**
 * Every program that something here needs beside Node: a run that asks for one that is missing says so and names the
 * package, and CI installs all of them from this list.
 */
export const TOOLS = [
  { command: 'ip', package: 'iproute2', for: 'links' },
  { command: 'unshare', package: 'util-linux', for: 'links' },
  { command: 'setpriv', package: 'util-linux', for: 'links' },
  { command: 'git', package: 'git', for: 'brokers' },
  { command: 'mosquitto', package: 'mosquitto', for: 'brokers' },
  { command: 'haproxy', package: 'haproxy', for: 'topologies' },
  // Its stream module is a package of its own, which brings the program too.
  { command: 'nginx', package: 'libnginx-mod-stream', for: 'topologies', partLack: streamLack },
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

/** That a program, or a part of it, is not installed, and which package brings it; undefined when it is. */
export async function toolLack(command: ToolName): Promise<string | undefined> {
  const tool: Tool | undefined = TOOLS.find((candidate) => candidate.command === command);
  const file = await locateTool(command);
  const lack = file === undefined ? `${command} is not installed` : await tool?.partLack?.(file);
  return lack && `${lack}; on Debian and Ubuntu: apt-get install ${tool?.package ?? command}`;
}

async function streamLack(file: string): Promise<string | undefined> {
  return (await findStreamModule(file)) === undefined ? 'nginx has no stream module here' : undefined;
}
