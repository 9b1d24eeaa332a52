import { onTestFinished } from 'vitest';
import { nowUs } from '../../src/measure/clock.ts';
import type { RuntimeName } from '../../src/runtimes/index.ts';
import { startWorker, type Worker } from '../../src/swarm/swarm.ts';
import type { TargetInput } from '../../src/swarm/targets.ts';
import type { Attempt, HandshakeJob } from '../../src/swarm/workloads/handshake.protocol.ts';

export interface WatchedWorker {
  worker: Worker;
  attempts: Attempt[];
  deliveries: { id: number; atUs: number }[];
  lost: string[];
  crashes: Error[];
  /** Runs arrivals, by default 50 ms from now, publishing at QoS 0; answers with what became of them, by id. */
  handshake(
    arrivals: HandshakeJob['arrivals'],
    job?: Partial<HandshakeJob>,
  ): Promise<{ attempts: Attempt[]; startUs: number }>;
}

/** Starts a swarm process for given targets and notes what it tells; `undo` ends it. */
export async function startSwarm(
  pkiFolder: string,
  targets: TargetInput[],
  undo: (end: () => Promise<void>) => void = onTestFinished,
  runtime?: RuntimeName,
): Promise<WatchedWorker> {
  const attempts: Attempt[] = [];
  const deliveries: { id: number; atUs: number }[] = [];
  const lost: string[] = [];
  const crashes: Error[] = [];
  const worker = await startWorker({
    name: 'swarm under test',
    prefix: [],
    ...(runtime === undefined ? {} : { runtime }),
    onEvent: (event) => {
      if (event.kind === 'attempts') attempts.push(...event.attempts);
      else if (event.kind === 'deliveries') deliveries.push(...event.deliveries);
      else lost.push(event.reason);
    },
    onCrash: (error) => crashes.push(error),
  });
  undo(() => worker.stop());
  await worker.call('prepare', { pkiFolder, targets });
  return {
    worker,
    attempts,
    deliveries,
    lost,
    crashes,
    handshake: async (arrivals, job = {}) => {
      const startUs = nowUs() + 50_000;
      const before = attempts.length;
      await worker.call('handshake', {
        startUs,
        arrivals,
        action: 'publish',
        client: 'mqttjs',
        qos: 0,
        payloadBytes: 32,
        timeoutMs: 10_000,
        ...job,
      });
      return { attempts: attempts.slice(before).toSorted((a, b) => a.id - b.id), startUs };
    },
  };
}
