import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { environmentError, type BenchError } from '../errors.ts';

export interface Place {
  host: string;
  port: number;
}

/** Below the ports that kernels give to clients (ip(7), ip_local_port_range), which come and go at any moment. */
const LOWEST = 10_000;
const HIGHEST = 30_000;

/** Ports of a host that nothing listens on. All are open at one time, so that no two are the same. */
export async function freePorts(host: string, count: number): Promise<number[]> {
  const servers: Server[] = [];
  try {
    while (servers.length < count) {
      const server = await occupy({ host, port: randomInt(LOWEST, HIGHEST) }).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
        throw error;
      });
      if (server !== undefined) servers.push(server);
    }
    return servers.map((server) => (server.address() as AddressInfo).port);
  } finally {
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
  }
}

async function occupy({ host, port }: Place): Promise<Server> {
  const server = createServer();
  await once(server.listen(port, host), 'listening');
  return server;
}

/**
 * Has a server listen, on any free port for port 0; answers its port. Throws (exit code 5) when it cannot, with how to
 * mend that.
 */
export async function listenOn(server: Server, { host, port }: Place): Promise<number> {
  try {
    // mosquitto's backlog of 100 overflows in bursts; the kernel's own limit caps this one.
    await once(server.listen({ host, port, backlog: 4096 }), 'listening');
  } catch (error) {
    throw notListened({ host, port }, error);
  }
  return (server.address() as AddressInfo).port;
}

/** Why nothing can listen there, and how to mend it. */
const WHY_NOT: Partial<Record<string, [string, string]>> = {
  EADDRINUSE: [
    'the port is in use',
    'End what listens there, or leave the port out of the scenario: the bench then chooses a free one.',
  ],
  EACCES: [
    'it needs rights that this user does not have',
    'Choose one above 1023, or leave the port out of the scenario: the bench then chooses a free one.',
  ],
};

/** Throws (exit code 5) when somebody listens on a place: what answers there later would not be the program. */
export async function expectFree({ host, port }: Place): Promise<void> {
  try {
    const server = await occupy({ host, port });
    await once(server.close(), 'close');
  } catch (error) {
    throw notListened({ host, port }, error);
  }
}

function notListened({ host, port }: Place, error: unknown): BenchError {
  const { code, message } = error as NodeJS.ErrnoException;
  const [why, mend] = WHY_NOT[code ?? ''] ?? [message];
  return environmentError(`${host}:${port} cannot be listened on: ${why}`, mend);
}

/** Whether a place accepts a connection. */
export function accepts({ host, port }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host === '0.0.0.0' ? '127.0.0.1' : host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
