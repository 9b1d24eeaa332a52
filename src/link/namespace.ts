import { writeFile } from 'node:fs/promises';

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
