import type { LinkBackend, OpenLink, Route } from '../../../src/link/backend.ts';
import type { LinkSpec } from '../../../src/link/spec.ts';
import { createAuthority, type Authority } from '../../../src/pki/authority.ts';
import { BROKER_NAME } from '../../../src/pki/material.ts';
import { startChild, type Child } from '../../../src/process/child.ts';
import { peerProtocol } from './protocol.ts';

/** What is done over a link: small packets up, a TLS 1.3 handshake with a certificate padded so far, or downloads. */
export type Task =
  | { kind: 'oneWay'; count: number }
  | { kind: 'handshake'; paddingBytes: number }
  | { kind: 'download'; bytes: number; count: number; atOnce: number };

export interface Experiment {
  name: string;
  link: LinkSpec;
  task: Task;
}

/** What one backend showed of one experiment, in milliseconds. */
export interface Row {
  name: string;
  tookMs: number[][];
}

type Peer = Child<typeof peerProtocol>;
/** Does the experiment once. */
type Trial = () => Promise<number[]>;

/**
 * Does the same experiments over several backends, one sample of each in turn, so that a machine that drifts moves all
 * alike. Answers for each experiment the times over each backend, in their order; a first round is not counted.
 */
export async function compare(
  backends: readonly LinkBackend[],
  experiments: readonly Experiment[],
  rounds: number,
): Promise<Row[]> {
  const authority = await createAuthority('agreement');
  const benches: Bench[] = [];
  try {
    for (const backend of backends) benches.push(await Bench.open(backend, authority));
    const trials: Trial[][] = [];
    for (const experiment of experiments) {
      const row: Trial[] = [];
      for (const bench of benches) row.push(await bench.prepare(experiment));
      trials.push(row);
    }
    const rows = experiments.map(({ name }) => ({ name, tookMs: benches.map((): number[] => []) }));
    for (let round = 0; round <= rounds; round++) {
      for (const [n, row] of trials.entries()) {
        for (const [which, trial] of row.entries()) {
          const tookMs = await trial();
          if (round > 0) rows[n]?.tookMs[which]?.push(...tookMs);
        }
      }
    }
    return rows;
  } finally {
    await Promise.all(benches.map((bench) => bench.close()));
  }
}

/** One backend's link with a process at either end. */
class Bench {
  readonly #link: OpenLink;
  readonly #server: Peer;
  readonly #client: Peer;
  readonly #authority: Authority;

  static async open(backend: LinkBackend, authority: Authority): Promise<Bench> {
    const link = await backend.open({ seed: 1, onFlow: () => {}, onCrash: () => {} });
    const module = new URL('./peer.child.ts', import.meta.url);
    const start = (name: string, prefix: readonly string[]): Promise<Peer> =>
      startChild(peerProtocol, { module, name, prefix });
    const server = await start('server', link.prefix.broker);
    const client = await start('client', link.prefix.client);
    return new Bench(link, server, client, authority);
  }

  constructor(link: OpenLink, server: Peer, client: Peer, authority: Authority) {
    this.#link = link;
    this.#server = server;
    this.#client = client;
    this.#authority = authority;
  }

  async prepare({ link, task }: Experiment): Promise<Trial> {
    const host = this.#link.brokerHost;
    const through = async ({ port }: { port: number }): Promise<Pick<Route, 'host' | 'port'>> => {
      const route = await this.#link.route(link, { host, port });
      return { host: route.host, port: route.port };
    };
    if (task.kind === 'download') {
      const { bytes, count, atOnce } = task;
      const route = await through(await this.#server.call('serveBytes', { host }));
      return async () => (await this.#client.call('download', { route, bytes, count, atOnce })).tookMs;
    }
    if (task.kind === 'oneWay') {
      const { count } = task;
      const route = await through(await this.#server.call('serveStamps', { host }));
      return async () => (await this.#client.call('oneWay', { route, count })).tookMs;
    }
    const { certPem, keyPem } = await this.#authority.issue({
      name: BROKER_NAME,
      use: 'server',
      dnsNames: [BROKER_NAME],
      paddingBytes: task.paddingBytes,
    });
    const route = await through(await this.#server.call('serveTls', { host, certPem, keyPem }));
    const params = { route, caPem: this.#authority.certPem, servername: BROKER_NAME };
    return async () => (await this.#client.call('handshake', params)).tookMs;
  }

  async close(): Promise<void> {
    await Promise.all([this.#server.stop(), this.#client.stop()]);
    await this.#link.close();
  }
}
