import { createServer, type AddressInfo, type Server } from 'node:net';
import { newHistogram, recordMs } from '../measure/histogram.ts';
import { preferThisProcess } from '../process/priority.ts';
import { serve } from '../process/serve.ts';
import type { Flow, ReleaseLateness } from './backend.ts';
import { Connection, type ConnectionOptions } from './proxy/connection.ts';
import { Links } from './proxy/link.ts';
import { proxyProtocol } from './proxy/protocol.ts';
import { Scheduler } from './proxy/scheduler.ts';
import { Recorder } from './recorded.ts';

/** Finished flows are told together, this often at least. */
const TELL_EVERY_MS = 20;
const TELL_AT_ONCE = 64;
/** The kernel cuts it to net.core.somaxconn; a link has no accept queue, so it must not be the bottleneck. */
const BACKLOG = 65_535;

preferThisProcess();
serve(proxyProtocol, ({ emit }) => {
  const scheduler = new Scheduler();
  const links = new Links(scheduler);
  const lateness = newHistogram();
  const servers: Server[] = [];
  const connections = new Set<Connection>();
  let recorder = new Recorder(undefined);

  let flows: Flow[] = [];
  let telling: NodeJS.Timeout | undefined;
  const tell = (): void => {
    clearTimeout(telling);
    telling = undefined;
    if (flows.length > 0) emit({ flows });
    flows = [];
  };
  const finished = (flow: Flow): void => {
    flows.push(flow);
    if (flows.length >= TELL_AT_ONCE) tell();
    else telling ??= setTimeout(tell, TELL_EVERY_MS);
  };

  const listen = (route: Pick<ConnectionOptions, 'link' | 'target'>): Promise<number> => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const connection = new Connection(client, {
        ...route,
        scheduler,
        recorder,
        onLate: (lateUs) => recordMs(lateness, lateUs / 1000),
      });
      connections.add(connection);
      void connection.done.then((flow) => {
        connections.delete(connection);
        finished(flow);
      });
    });
    servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
        resolve((server.address() as AddressInfo).port);
      });
    });
  };

  return {
    open: ({ seed, records }) => {
      links.seed(seed);
      if (records) recorder = new Recorder((packets) => emit({ packets }));
      return null;
    },
    route: async ({ link, target }) => {
      await scheduler.ready;
      return { port: await listen({ link: links.get(link), target }) };
    },
    lateness: () => {
      tell();
      if (recorder.wanted) links.settle();
      recorder.tell(true);
      return summary(lateness);
    },
    traffic: () => links.traffic,
    close: async () => {
      for (const server of servers) server.close();
      for (const connection of connections) connection.destroy();
      await Promise.all([...connections].map((connection) => connection.done));
      tell();
      return null;
    },
  };
});

function summary(lateness: ReturnType<typeof newHistogram>): ReleaseLateness | undefined {
  if (lateness.totalCount === 0) return undefined;
  return {
    released: lateness.totalCount,
    p50Ms: lateness.getValueAtPercentile(50) / 1000,
    p99Ms: lateness.getValueAtPercentile(99) / 1000,
    maxMs: lateness.maxValue / 1000,
  };
}
