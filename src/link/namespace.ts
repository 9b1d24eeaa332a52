/** Whether this process may make network namespaces without a user namespace around them. */
function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The command that starts a process as the first one of a new network namespace (util-linux, unshare(1)). */
export function newNamespace(): string[] {
  return isRoot() ? ['unshare', '--net', '--'] : ['unshare', '--user', '--map-root-user', '--net', '--'];
}

/** The command that starts a process in the network namespace of another one (nsenter(1)). */
export function enterNamespace(pid: number): string[] {
  const target = ['nsenter', '--target', String(pid), '--net'];
  return isRoot() ? [...target, '--'] : [...target, '--user', '--preserve-credentials', '--'];
}
