import type * as z from 'zod';
import { nowUs } from '../../../src/measure/clock.ts';
import { openClient } from '../../../src/swarm/clients/index.ts';
import { isAccepted } from '../../../src/swarm/refusal.ts';
import type { Target } from '../../../src/swarm/targets.ts';
import { bareConnect, connectPacket } from './bare.ts';
import type { doneSchema, Order } from './order.ts';

/** Connects and leaves as fast as it goes, so many at a time; what happens while it warms up does not count. */
export async function connectInTurn(
  target: Target,
  { generator, inFlight, warmSeconds, seconds }: Extract<Order, { kind: 'connect' }>,
): Promise<z.infer<typeof doneSchema>> {
  let [connects, next] = [0, 0];
  const one = (): Promise<void> => {
    const clientId = `g${next++}`;
    return generator === 'bare' ? bare(target, clientId) : ours(generator, target, clientId);
  };
  const over = Promise.withResolvers<void>();
  const stop = new AbortController();
  const lane = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await one();
      connects++;
    }
  };
  const lanes = Array.from({ length: inFlight }, lane);
  setTimeout(over.resolve, (warmSeconds + seconds) * 1000);
  await new Promise((resolve) => setTimeout(resolve, warmSeconds * 1000));
  const before = { connects, atUs: nowUs(), cpu: process.cpuUsage() };
  await Promise.race([over.promise, Promise.all(lanes)]);
  const { user, system } = process.cpuUsage(before.cpu);
  const answer = {
    count: connects - before.connects,
    seconds: (nowUs() - before.atUs) / 1e6,
    cpuSeconds: (user + system) / 1e6,
  };
  stop.abort();
  return answer;
}

function bare(target: Target, clientId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = bareConnect(target, connectPacket(clientId), {
      onPacket: () => {
        socket.destroy();
        resolve();
      },
      onEnd: (reason) => reject(new Error(reason)),
    });
  });
}

function ours(name: 'lean' | 'mqttjs', target: Target, clientId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = openClient(
      name,
      target,
      { clientId },
      {
        onPacket: (packet) => {
          if (!isAccepted(packet)) return;
          client.destroy();
          resolve();
        },
        onFailure: ({ reason }) => reject(new Error(reason)),
      },
    );
  });
}
