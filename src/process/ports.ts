import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { environmentError } from '../errors.ts';

export interface Place {
  host: string;
  port: number;
}

/** Ports of a host that nothing listens on. All are open at one time, so that no two are the same. */
export async function freePorts(host: string, count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await once(server.listen(0, host), 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Throws (exit code 5) when somebody listens on a place: what answers there later would not be the program. */
export async function expectFree({ host, port }: Place): Promise<void> {
  const server = createServer();
  const mend =
    'End what listens there, or leave `broker.port` out of the scenario and let the system choose.';
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'the port is in use' : message;
    throw environmentError(`${host}:${port} cannot be listened on: ${why}`, mend);
  }
  await once(server.close(), 'close');
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
