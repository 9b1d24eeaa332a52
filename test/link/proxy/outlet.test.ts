import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Outlet } from '../../../src/link/proxy/outlet.ts';

/** Both ends of a TCP connection over loopback. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  const [other] = (await once(server, 'connection')) as [Socket];
  for (const end of [socket, other]) {
    onTestFinished(() => void end.destroy());
    end.on('error', () => {});
  }
  if (socket.connecting) await once(socket, 'connect');
  return [socket, other];
}

/** Whatever error comes before it. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

test.each([
  ['a reset while its FIN is leaving', ['end', 'reset']],
  ['the same behind data', [Buffer.from('last'), 'end', 'reset']],
  ['a reset', ['reset']],
] as const)('a socket is closed by %s', async (_name, parcels) => {
  const [socket, other] = await pair();
  const outlet = new Outlet(socket, () => {});
  const closed = Promise.all([closeOf(socket), closeOf(other)]);
  other.resume();
  other.once('end', () => other.end());
  for (const parcel of parcels) outlet.put(parcel);
  await closed;
  expect(socket.destroyed).toBe(true);
});

test('a reset closes a socket whose other end reads nothing, with data and FIN behind it', async () => {
  const [socket, other] = await pair();
  other.pause();
  const outlet = new Outlet(socket, () => {});
  outlet.put(Buffer.alloc(64 * 1024 * 1024));
  outlet.put('end');
  const closed = closeOf(socket);
  outlet.put('reset');
  // What is held back is waiting for room that never comes.
  socket.emit('drain');
  await closed;
  expect(socket.destroyed).toBe(true);
});
