import { nowUs } from '../measure/clock.ts';
import { methodNamed } from '../payload/index.ts';
import { lackOf } from '../payload/lack.ts';
import { Opener } from '../payload/opening.ts';
import { readClientMaterial } from '../pki/folder.ts';
import { Outbox } from '../process/outbox.ts';
import { serve } from '../process/serve.ts';
import { describeThisRuntime } from '../runtimes/describe.ts';
import type { Client } from './clients/client.ts';
import type { Failure } from './failure.ts';
import { attemptOfTopic } from './names.ts';
import { primeSessions } from './sessions.ts';
import { openSubscriber } from './subscribers.ts';
import { makeTargets, type Target } from './targets.ts';
import { workerProtocol } from './worker.protocol.ts';
import { Collecting } from './workloads/collecting.ts';
import { FailoverRun } from './workloads/failover.ts';
import { Fleet } from './workloads/fleet.ts';
import { HandshakeRun } from './workloads/handshake.ts';
import { Protecting } from './workloads/protecting.ts';
import { HoldRun } from './workloads/hold.ts';
import { Publishing } from './workloads/publishing.ts';
import { StormRun } from './workloads/storm.ts';
import { TracedConnection } from './workloads/tracing.ts';

serve(workerProtocol, ({ emit }) => {
  let targets = new Map<number, Target>();
  let privateFolder = '';
  let handshake: HandshakeRun | undefined;
  let traced: TracedConnection | undefined;
  const standing: Client[] = [];
  const publishing = new Map<number, Publishing>();
  const failovers = new Map<number, FailoverRun>();
  const openers = new Map<number, Opener>();
  /** Of what is done before anything is measured. */
  const cancelled = new AbortController();
  const storms = new Map<number, StormRun>();
  const holds = new Map<number, HoldRun>();
  const collecting = new Map<number, Collecting>();
  const deliveries = new Outbox<{ id: number; atUs: number }>((batch) =>
    emit({ kind: 'deliveries', deliveries: batch }),
  );

  const targetOf = (cell: number): Target => found(targets, cell, 'was not prepared');

  return {
    prepare: async ({ pkiFolder, targets: inputs }) => {
      privateFolder = pkiFolder;
      const made = await makeTargets(inputs, (needs) => readClientMaterial(pkiFolder, needs));
      targets = made.targets;
      return { runtime: describeThisRuntime(), unserved: made.unserved };
    },
    prime: async ({ cell, ...options }) => ({
      sessions: await primeSessions(targetOf(cell), options, cancelled.signal),
    }),
    subscribe: async ({ cells, client, purpose, qos, timeoutMs }) => {
      for (const { cell, opening } of cells)
        if (opening !== undefined)
          openers.set(cell, await Opener.create(privateFolder, opening, 'subscriber'));
      const opened = cells.flatMap(({ cell, subscribers }) =>
        Array.from({ length: subscribers }, (_, index) =>
          openSubscriber(targetOf(cell), {
            client,
            clientId: `s${cell}-${index}`,
            qos,
            timeoutMs,
            onMessage: (topic, payload, atUs) => {
              if (purpose === 'arrivals') deliveries.add({ id: attemptOfTopic(topic), atUs });
              else collecting.get(cell)?.receive({ topic, payload, atUs }, index);
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
      const { cell, protection } = job;
      const publishers = new Publishing(
        targetOf(cell),
        (reason) => emit({ kind: 'lost', cell, reason }),
        protection && (await Protecting.open(privateFolder, { ...job, protection })),
      );
      publishing.set(cell, publishers);
      await publishers.connect(job);
    },
    publish: async (job) => found(publishing, job.cell, 'has no publishers').publish(job),
    expectMessages: ({ cell, startUs, seconds }) => {
      collecting.set(cell, new Collecting(startUs, seconds, openers.get(cell)));
    },
    collect: ({ cell }) => found(collecting, cell, 'collects nothing').collected(),
    tellApart: ({ cell, injected, subscribers }) => {
      const told = found(collecting, cell, 'collects nothing').tellApart(injected, subscribers);
      if (told === undefined) throw new Error(`Cell ${cell} opens nothing in this process`);
      return told;
    },
    payloadLacks: async ({ methods }) => {
      const lacks = await Promise.all(
        methods.map(async (method) => ({ method, reason: await lackOf(methodNamed(method)) })),
      );
      return lacks.flatMap(({ method, reason }) => (reason === undefined ? [] : [{ method, reason }]));
    },
    connectClients: async (job) => {
      const run = new FailoverRun(targetOf(job.cell), job);
      failovers.set(job.cell, run);
      await run.connect();
    },
    awaitReturn: async ({ cell, untilUs }) => found(failovers, cell).outcome(untilUs),
    warmUp: async ({ job, perSecond }) => {
      const fleet = new Fleet(targetOf(job.cell), job, { letter: 'w' }, () => undefined);
      const { signal } = cancelled;
      const onCancel = (): void => fleet.cancel(signal.reason as Failure);
      signal.addEventListener('abort', onCancel);
      if (!signal.aborted) await fleet.connect(nowUs(), perSecond, job.attemptTimeoutMs);
      signal.removeEventListener('abort', onCancel);
      const connected = fleet.members.filter(({ isConnected }) => isConnected).length;
      await fleet.close();
      return { connected };
    },
    openStorm: async (job) => {
      const run = new StormRun(targetOf(job.cell), job);
      storms.set(job.cell, run);
      return { connected: await run.open() };
    },
    storm: ({ cell, startUs }) => found(storms, cell).run(startUs),
    openHold: (job) => {
      const run = new HoldRun(targetOf(job.cell), job);
      holds.set(job.cell, run);
      return run.open();
    },
    hold: ({ cell, startUs, seconds }) => found(holds, cell).hold(startUs, seconds),
    cancel: ({ reason, detail }) => {
      cancelled.abort({ reason, detail });
      handshake?.cancel(reason, detail);
      for (const run of [...storms.values(), ...holds.values()]) run.cancel({ reason, detail });
      traced?.cancel({ reason, detail });
      for (const run of failovers.values()) run.cancel();
      for (const publishers of publishing.values()) publishers.cancel();
    },
    disconnect: async () => {
      deliveries.flush();
      const connections = standing.splice(0);
      const fleets = [publishing, failovers, storms, holds];
      const groups = fleets.flatMap((all) => [...all.values()]);
      for (const all of fleets) all.clear();
      openers.clear();
      await Promise.all([
        ...connections.map((connection) => connection.end()),
        ...groups.map((group) => group.close()),
      ]);
    },
  };
});

/** What a cell has here. Throws for a cell that `lacks` it. */
function found<T>(all: ReadonlyMap<number, T>, cell: number, lacks = 'has no clients'): T {
  const own = all.get(cell);
  if (own === undefined) throw new Error(`Cell ${cell} ${lacks} in this process`);
  return own;
}
