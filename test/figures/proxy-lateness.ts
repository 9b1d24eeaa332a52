/**
 * How exactly the stream proxy releases what it delays, and what that costs.
 *
 *     node test/figures/proxy-lateness.ts [connections] [seconds] [oneWayMs]
 *
 * Every connection sends a packet, waits for its echo, thinks for 0 to 20 ms so that the connections do not fall into
 * step, and sends again. Lateness is the proxy's own histogram of every release; CPU is what its process used meanwhile.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { proxyBackend } from '../../src/link/proxy.ts';
import { resolveLink } from '../../src/link/spec.ts';

const [connections = 50, seconds = 10, oneWayMs = 34] = process.argv.slice(2).map(Number);
const random = xoroshiro128plus(1);
const PACKET = Buffer.alloc(200, 'x');

const echo = createServer({ noDelay: true }, (socket) => socket.pipe(socket).on('error', () => {}));
await once(echo.listen(0, '127.0.0.1'), 'listening');
const link = await proxyBackend.open({
  onFlow: () => {},
  onCrash: (error) => {
    throw error;
  },
});
const target = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port };
const route = await link.route(resolveLink({ oneWayMs }), target);

const sockets: Socket[] = [];
for (let n = 0; n < connections; n++) {
  const socket = connect({ host: route.host, port: route.port, noDelay: true });
  let echoed = 0;
  socket.on('data', (bytes) => {
    echoed += bytes.length;
    if (echoed % PACKET.length === 0) setTimeout(() => socket.write(PACKET), uniformInt(random, 0, 20));
  });
  socket.write(PACKET);
  sockets.push(socket);
  // Spread over one round trip, as independent clients are.
  await sleep((2 * oneWayMs) / connections);
}

const before = await link.children[0]?.usage();
const releasedBefore = (await link.lateness())?.released ?? 0;
await sleep(seconds * 1000);
const after = await link.children[0]?.usage();
const lateness = await link.lateness();
for (const socket of sockets) socket.destroy();
await link.close();
echo.close();

if (before === undefined || after === undefined || lateness === undefined)
  throw new Error('Nothing was measured');
const cpu = after.cpuSeconds - before.cpuSeconds;
process.stdout.write(
  `${[
    `connections in flight    ${connections}, one-way delay ${oneWayMs} ms, ${seconds} s`,
    `releases a second        ${((lateness.released - releasedBefore) / seconds).toFixed(0)}`,
    `release lateness p50     ${lateness.p50Ms.toFixed(3)} ms   (to reach: 0.1)`,
    `release lateness p99     ${lateness.p99Ms.toFixed(3)} ms   (to reach: 1)`,
    `release lateness max     ${lateness.maxMs.toFixed(3)} ms`,
    `CPU of the proxy         ${((100 * cpu) / seconds).toFixed(1)} % of a core`,
    `memory of the proxy      ${(after.maxRssBytes / 1e6).toFixed(0)} MB`,
  ].join('\n')}\n`,
);
