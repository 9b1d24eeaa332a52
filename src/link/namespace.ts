import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { environmentError } from '../errors.ts';

/** Whether this process may make network namespaces without a user namespace around them. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The command that starts a process as the first one of a new network namespace (util-linux, unshare(1)). */
export function newNamespace(): string[] {
  return isRoot() ? ['unshare', '--net', '--'] : ['unshare', '--user', '--map-root-user', '--net', '--'];
}

/**
 * The same for a second namespace that devices can be moved to: where the first one stands in a user namespace, so
 * must the second. `pid` is the first process of the first.
 */
export function besideNamespace(pid: number): string[] {
  if (isRoot()) return newNamespace();
  return ['nsenter', '--target', String(pid), '--user', '--preserve-credentials', 'unshare', '--net', '--'];
}

/** The command that starts a process in the network namespace of another one (nsenter(1)). */
export function enterNamespace(pid: number | string): string[] {
  const target = ['nsenter', '--target', String(pid), '--net'];
  return isRoot() ? [...target, '--'] : [...target, '--user', '--preserve-credentials', '--'];
}

/**
 * Every kernel has it and lets any namespace choose it. A machine whose default is BBR paces what is beyond the initial
 * window, and may not let a namespace choose CUBIC; in slow start, which is where handshakes happen, the two are alike.
 */
export const CONGESTION_CONTROL = 'reno';

/** Sets, in the network namespace of this process, what would make one connection or one machine differ from the next. */
export async function steadyTcp(): Promise<void> {
  await writeFile('/proc/sys/net/ipv4/tcp_no_metrics_save', '1');
  await writeFile('/proc/sys/net/ipv4/tcp_congestion_control', CONGESTION_CONTROL);
}

/**
 * Leaves the ways of packets to the routes alone, in the network namespace of this process: answers may come in through
 * another device than questions went out by, and nobody is told by ICMP of a shorter way. A namespace begins with what
 * the machine has, which is not the same everywhere.
 */
export async function routeQuietly(): Promise<void> {
  for (const devices of ['all', 'default'])
    for (const setting of ['rp_filter', 'send_redirects', 'accept_redirects'])
      await writeFile(`/proc/sys/net/ipv4/conf/${devices}/${setting}`, '0');
}

/**
 * Runs a command in the namespaces of this process; answers its standard output. Throws an environment error (exit code
 * 5) with what it said when it fails.
 */
export async function runHere(argv: readonly [string, ...string[]], input?: string): Promise<string> {
  const [command, ...args] = argv;
  const { failed, stdout, stderr, shortMessage } = await execa(command, args, {
    reject: false,
    ...(input === undefined ? {} : { input }),
  });
  if (failed)
    throw environmentError(`\`${argv.join(' ')}\` failed: ${stderr === '' ? shortMessage : stderr}`);
  return stdout;
}
