import { readFile } from 'node:fs/promises';

/**
 * How many connections the listening sockets of a process's network namespace had no room for since it was made: the
 * kernel's TcpExtListenOverflows (nstat(8)). Each is a SYN, or the ACK of a client that believes itself connected, which
 * must come again a second later. Undefined where the system does not tell.
 */
export async function listenOverflows(pid: number): Promise<number | undefined> {
  try {
    return readOverflows(await readFile(`/proc/${pid}/net/netstat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads the counter off a file of two lines each: names, and values in their order. */
export function readOverflows(netstat: string): number | undefined {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  const value = values[names.indexOf('ListenOverflows')];
  return value === undefined ? undefined : Number(value);
}
