import { readClientMaterial } from '../pki/folder.ts';
import { Outbox } from '../process/outbox.ts';
import { serve } from '../process/serve.ts';
import { describeThisRuntime } from '../runtimes/describe.ts';
import type { Connection } from './clients/mqttjs.ts';
import { attemptOfTopic } from './names.ts';
import { primeSessions } from './sessions.ts';
import { openSubscriber } from './subscribers.ts';
import { makeTargets, type Target } from './targets.ts';
import { workerProtocol } from './worker.protocol.ts';
import { Collecting } from './workloads/collecting.ts';
import { FailoverRun } from './workloads/failover.ts';
import { HandshakeRun } from './workloads/handshake.ts';
import { Publishing } from './workloads/publishing.ts';
import { TracedConnection } from './workloads/tracing.ts';

serve(workerProtocol, ({ emit }) => {
  let targets = new Map<number, Target>();
  let handshake: HandshakeRun | undefined;
  let traced: TracedConnection | undefined;
  const standing: Connection[] = [];
  const publishing = new Map<number, Publishing>();
  const failovers = new Map<number, FailoverRun>();
  const collecting = new Map<number, Collecting>();
  const deliveries = new Outbox<{ id: number; atUs: number }>((batch) =>
    emit({ kind: 'deliveries', deliveries: batch }),
  );

  const targetOf = (cell: number): Target => {
    const target = targets.get(cell);
    if (target === undefined) throw new Error(`Cell ${cell} was not prepared in this process`);
    return target;
  };

  return {
    prepare: async ({ pkiFolder, targets: inputs }) => {
      const made = await makeTargets(inputs, (needs) => readClientMaterial(pkiFolder, needs));
      targets = made.targets;
      return { runtime: describeThisRuntime(), unserved: made.unserved };
    },
    prime: async ({ cell, ...options }) => ({ sessions: await primeSessions(targetOf(cell), options) }),
    subscribe: async ({ cells, purpose, qos, timeoutMs }) => {
      const opened = cells.flatMap(({ cell, subscribers }) =>
        Array.from({ length: subscribers }, (_, index) =>
          openSubscriber(targetOf(cell), {
            clientId: `s${cell}-${index}`,
            qos,
            timeoutMs,
            onMessage: (topic, payload, atUs) => {
              if (purpose === 'arrivals') deliveries.add({ id: attemptOfTopic(topic), atUs });
              else collecting.get(cell)?.receive(payload, atUs);
            },
            onLost: (reason) => emit({ kind: 'lost', cell, reason }),
          }),
        ),
      );
      standing.push(...(await Promise.all(opened)));
    },
    handshake: async (job) => {
      handshake = new HandshakeRun(job, targets, (attempts) => emit({ kind: 'attempts', attempts }));
      await handshake.run();
    },
    trace: async (job) => {
      traced = new TracedConnection(targetOf(job.cell), job);
      return traced.done;
    },
    connectPublishers: async (job) => {
      const { cell } = job;
      const publishers = new Publishing(targetOf(cell), (reason) => emit({ kind: 'lost', cell, reason }));
      publishing.set(cell, publishers);
      await publishers.connect(job);
    },
    publish: async (job) => {
      const publishers = publishing.get(job.cell);
      if (publishers === undefined) throw new Error(`Cell ${job.cell} has no publishers in this process`);
      return publishers.publish(job);
    },
    expectMessages: ({ cell, startUs, seconds }) => {
      collecting.set(cell, new Collecting(startUs, seconds));
    },
    collect: ({ cell }) => {
      const found = collecting.get(cell);
      if (found === undefined) throw new Error(`Cell ${cell} collects nothing in this process`);
      return found.collected();
    },
    connectClients: async (job) => {
      const run = new FailoverRun(targetOf(job.cell), job);
      failovers.set(job.cell, run);
      await run.connect();
    },
    awaitReturn: async ({ cell, untilUs }) => {
      const run = failovers.get(cell);
      if (run === undefined) throw new Error(`Cell ${cell} has no clients in this process`);
      return run.outcome(untilUs);
    },
    cancel: ({ reason, detail }) => {
      handshake?.cancel(reason, detail);
      traced?.cancel({ reason, detail });
      for (const run of failovers.values()) run.cancel();
      for (const publishers of publishing.values()) publishers.cancel();
    },
    disconnect: async () => {
      deliveries.flush();
      const connections = standing.splice(0);
      const publishers = [...publishing.values(), ...failovers.values()];
      publishing.clear();
      failovers.clear();
      await Promise.all([
        ...connections.map((connection) => connection.end()),
        ...publishers.map((publisher) => publisher.close()),
      ]);
    },
  };
});
