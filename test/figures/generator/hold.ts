import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { generate } from 'mqtt-packet';
import type * as z from 'zod';
import { nowUs } from '../../../src/measure/clock.ts';
import { settledRssBytes } from '../../../src/process/memory.ts';
import { Pacer } from '../../../src/swarm/pacer.ts';
import type { Target } from '../../../src/swarm/targets.ts';
import { bareConnect, connectPacket } from './bare.ts';
import type { heldSchema, Order } from './order.ts';

const PINGREQ = generate({ cmd: 'pingreq' });
/** As the hold workload does by itself. */
const WARM_UP = 20;
const SETTLE_MS = 500;
const LOOK_MS = 5;

/** Holds bare connections as the hold workload holds its clients: same schedule, same pings, same way to read memory. */
export async function holdBare(
  target: Target,
  { clients, perSecond, keepAliveSeconds, seconds }: Extract<Order, { kind: 'hold' }>,
): Promise<z.infer<typeof heldSchema>> {
  const warm = await connectAll(target, { clients: WARM_UP, perSecond: 50, keepAliveSeconds }, () => {});
  for (const socket of warm) socket.destroy();
  const before = await settledRssBytes();
  let answered = 0;
  const sockets: Socket[] = [];
  const startMs = performance.now();
  let next = 0;
  // Also while others are still to come: each in its own place of the keep-alive time.
  const timer = setInterval(() => {
    const due = ((performance.now() - startMs) / (keepAliveSeconds * 1000)) * clients;
    for (; next < due; next++) sockets[next % clients]?.write(PINGREQ);
  }, LOOK_MS);
  await connectAll(target, { clients, perSecond, keepAliveSeconds }, () => answered++, sockets);
  await sleep(SETTLE_MS);
  const connected = sockets.filter(isUp).length;
  const after = await settledRssBytes();
  await sleep(seconds * 1000);
  clearInterval(timer);
  return {
    connected,
    held: sockets.filter(isUp).length,
    answered,
    bytesPerClient: (after - before) / Math.max(1, connected),
  };
}

async function connectAll(
  target: Target,
  { clients, perSecond, keepAliveSeconds }: { clients: number; perSecond: number; keepAliveSeconds: number },
  onPong: () => void,
  sockets: Socket[] = [],
): Promise<Socket[]> {
  let waiting = clients;
  const all = Promise.withResolvers<void>();
  const startUs = nowUs();
  await new Pacer().run(
    (index) => (index < clients ? startUs + (index * 1e6) / perSecond : undefined),
    (index) => {
      sockets.push(
        bareConnect(target, connectPacket(`g${index}`, keepAliveSeconds), {
          onPacket: (type) => {
            if (type === 'pingresp') onPong();
            else if (--waiting === 0) all.resolve();
          },
          onEnd: () => {},
        }),
      );
    },
  );
  await all.promise;
  return sockets;
}

function isUp(socket: Socket): boolean {
  return !socket.destroyed && socket.writable;
}
