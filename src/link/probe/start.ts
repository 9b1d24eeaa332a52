import { startChild, type Child } from '../../process/child.ts';
import type { Endpoint, OpenLink } from '../backend.ts';
import { probeProtocol, type Observation, type ProbePlan } from './protocol.ts';

/** A pair of processes, one on each side of an open link. */
export interface Probes {
  /** Where the responder listens; links are routed to it. */
  target: Endpoint;
  probe(plan: ProbePlan): Promise<Observation[]>;
  stop(): Promise<void>;
}

/** Starts a responder on the broker's side and a prober on the client's. */
export async function startProbes(open: OpenLink): Promise<Probes> {
  const module = new URL('../probe.child.ts', import.meta.url);
  const start = (name: string, prefix: readonly string[]): Promise<Child<typeof probeProtocol>> =>
    startChild(probeProtocol, { module, name, prefix });
  const [responder, prober] = await Promise.all([
    start('link responder', open.prefix.broker),
    start('link prober', open.prefix.client),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([responder.stop(), prober.stop()]);
  };
  try {
    const { port } = await responder.call('listen', { host: open.brokerHost });
    return {
      target: { host: open.brokerHost, port },
      probe: async (plan) => (await prober.call('probe', plan)).observations,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
