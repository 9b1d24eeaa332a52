import { expect, onTestFinished, test } from 'vitest';
import { nowUs } from '../../../src/measure/clock.ts';
import { TunnelDesk } from '../../../src/swarm/tunnels.ts';
import type { Target } from '../../../src/swarm/targets.ts';
import { HandshakeRun } from '../../../src/swarm/workloads/handshake.ts';
import type { Attempt } from '../../../src/swarm/workloads/handshake.protocol.ts';
import { lend } from '../../../src/topology/vpn/control.ts';

const HOST = '192.0.2.10';

/** Lends one tunnel, which is raised when `raising` says so. */
async function lendOne(raising: () => Promise<void> = () => Promise.resolve()) {
  const lowered: number[] = [];
  const lower = (index: number): Promise<void> => Promise.resolve(void lowered.push(index));
  const controlPort = await lend({ targets: [HOST], raise: raising, lower }, () => {});
  const desk = (): TunnelDesk => {
    const one = new TunnelDesk({ controlPort, raises: true });
    onTestFinished(() => one.close());
    return one;
  };
  return { controlPort, desk, lowered };
}

test('what a process has taken comes back, cold, when its connection closes', async () => {
  const { desk, lowered } = await lendOne();
  const first = desk();
  expect(await first.take(1)).toBe(HOST);
  const next = desk().take(2);
  first.close();
  expect(await next).toBe(HOST);
  expect(lowered).toEqual([0]);
});

test('who waits for a tunnel waits no longer than told, and takes none from others then', async () => {
  const { desk } = await lendOne();
  const [first, second, third] = [desk(), desk(), desk()];
  await first.take(1);
  await expect(second.take(2, 50)).rejects.toThrow('no tunnel is cold within 50 ms');
  second.give(2);
  // Its answer is that the line before it has been read.
  await expect(second.take(3, 50)).rejects.toThrow('no tunnel is cold within 50 ms');
  second.close();
  first.give(1);
  expect(await third.take(4)).toBe(HOST);
});

test('an arrival that is cancelled while its tunnel is raised has failed, and its tunnel is for others', async () => {
  const begun = Promise.withResolvers<void>();
  const { controlPort, desk } = await lendOne(() => {
    begun.resolve();
    return new Promise(() => {});
  });
  const attempts: Attempt[] = [];
  const target = {
    port: 1883,
    modelledConnectMs: 0,
    tunnels: { controlPort, raises: true },
  } as unknown as Target;
  const job = { action: 'publish', client: 'mqttjs', qos: 0, payloadBytes: 1, timeoutMs: 10_000 } as const;
  const run = new HandshakeRun(
    { ...job, startUs: nowUs(), arrivals: [{ id: 7, cell: 0, atMs: 0 }] },
    new Map([[0, target]]),
    (some) => attempts.push(...some),
  );
  const over = run.run();
  await begun.promise;
  run.cancel('cancelled', 'it was cancelled');
  await over;
  expect(attempts).toMatchObject([{ id: 7, failure: { reason: 'cancelled', detail: 'it was cancelled' } }]);
  expect(await desk().take(8)).toBe(HOST);
});
