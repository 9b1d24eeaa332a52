import type { PayloadOpener } from '../../broker/broker.ts';
import { decodeHistogram, mergeHistograms, type LatencyHistogram } from '../../measure/histogram.ts';
import { methodNamed } from '../../payload/index.ts';
import type { Opening } from '../../payload/opening.ts';
import type { TallyResult, ToldApart } from '../../payload/tally.ts';
import { TAMPERINGS, type Tampering } from '../../payload/tampering.ts';
import type { LoadProtection, Throughput } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import type { Collected, Published, PublishJob } from '../../swarm/workloads/pubsub.protocol.ts';
import type { Protection } from '../../swarm/workloads/settings/protection.ts';
import type { PubsubWorkload } from '../../swarm/workloads/settings/pubsub.ts';
import { topologyNamed } from '../../topology/index.ts';
import type { Lab } from '../assemble.ts';
import { keyedTopics, topicsOf } from '../payload-keys.ts';
import { brokerOf } from './fleet.ts';
import type { PhaseContext } from './phase.ts';

/** How the payloads of one cell are protected while it runs, and what came of it. */
export class CellProtection {
  readonly #cell: Cell;
  readonly #workload: PubsubWorkload;
  readonly #protection: Protection;
  readonly #context: PhaseContext;
  /** Undefined where the subscribers open messages. */
  readonly #broker: PayloadOpener | undefined;

  private constructor(cell: Cell, workload: PubsubWorkload, protection: Protection, context: PhaseContext) {
    this.#cell = cell;
    this.#workload = workload;
    this.#protection = protection;
    this.#context = context;
    this.#broker = protection.place === 'client-to-broker' ? openerOf(cell, context.lab) : undefined;
  }

  /** Has the broker open the cell's payloads, where it is to; undefined where they are not protected. */
  static async begin(
    cell: Cell,
    workload: PubsubWorkload,
    context: PhaseContext,
  ): Promise<CellProtection | undefined> {
    if (workload.protection === undefined) return undefined;
    const begun = new CellProtection(cell, workload, workload.protection, context);
    await begun.#broker?.open(begun.#opening);
    return begun;
  }

  /** What the subscribers are told. */
  get subscriber(): { opening?: Opening } {
    return this.#broker === undefined ? { opening: this.#opening } : {};
  }

  /** What the publishers of one process are told: by the seed they alter other messages than those of another one. */
  publisher(position: number): Required<Pick<PublishJob, 'protection'>> {
    const { tamper: share = 0 } = this.#workload;
    const { method, place } = this.#protection;
    const seed = this.#context.seed + this.#cell.index * MOST_WORKERS + position;
    const tamper = { share, seed, topics: keyedTopics(this.#workload) };
    return { protection: { method, reach: place, ...(share === 0 ? {} : { tamper }) } };
  }

  async refusedByBroker(): Promise<number> {
    return this.#broker === undefined ? 0 : refusedIn(await this.#broker.opened([]));
  }

  /** What came of it; the broker opens nothing any more. */
  async end(published: readonly Published[], collected: Collected): Promise<LoadProtection> {
    const injected = published.flatMap(({ protection }) => protection?.injected ?? []);
    const { subscribers, payloadBytes, tamper = 0 } = this.#workload;
    const { method, place } = this.#protection;
    let opened: TallyResult & ToldApart;
    if (this.#broker === undefined) {
      const { tally } = collected;
      if (tally === undefined) throw new Error(`The subscribers of ${this.#cell.id} opened no payloads`);
      const asked = { cell: this.#cell.index, injected, subscribers };
      opened = { ...tally, ...(await this.#context.lab.subscribers.call('tellApart', asked)) };
    } else {
      opened = await this.#broker.opened(injected);
      await this.#broker.open(null);
    }
    const { verdicts, falseAlarms, detected, taken, openHdr } = opened;
    const tampered = Object.fromEntries(
      TAMPERINGS.map((kind): [Tampering, { injected: number; detected: number; taken: number }] => [
        kind,
        {
          injected: injected.filter(({ tampering }) => tampering === kind).length,
          detected: detected[kind] ?? 0,
          taken: taken[kind] ?? 0,
        },
      ]),
    );
    const protectHdrs = published.flatMap(({ protection }) => protection?.protectHdr ?? []);
    const protectP50Us = medianUs(mergeHistograms(protectHdrs.map((hdr) => decodeHistogram(hdr))));
    const openP50Us = medianUs(decodeHistogram(openHdr));
    return {
      method,
      place,
      addedBytes: methodNamed(method).addedBytes(payloadBytes),
      receivers: this.#broker === undefined ? subscribers : 1,
      verdicts,
      falseAlarms,
      ...(tamper === 0 ? {} : { tampered }),
      ...(protectP50Us === undefined ? {} : { protectP50Us }),
      ...(openP50Us === undefined ? {} : { openP50Us }),
    };
  }

  get #opening(): Opening {
    const { method, place } = this.#protection;
    const { tamper = 0 } = this.#workload;
    return { method, reach: place, topics: topicsOf(this.#cell, this.#workload), watch: tamper > 0 };
  }
}

/** More than a workload may have. */
const MOST_WORKERS = 64;

/** Messages that were refused, for whatever reason. */
export function refusedIn(tally: Pick<TallyResult, 'verdicts'> | undefined): number {
  return Object.entries(tally?.verdicts ?? {}).reduce(
    (sum, [verdict, count]) => (verdict === 'genuine' ? sum : sum + count),
    0,
  );
}

/** Deliveries of genuine messages that did not come about since a receiver refused them: by the broker, to all subscribers. */
export function refusedDeliveries({
  protection,
  subscribers,
}: Pick<Throughput, 'protection' | 'subscribers'>): number {
  if (protection === undefined) return 0;
  return protection.falseAlarms * (protection.place === 'end-to-end' ? 1 : subscribers);
}

/** Deliveries of altered messages that were taken for genuine. */
export function takenDeliveries(protection: LoadProtection | undefined, subscribers: number): number {
  const taken = Object.values(protection?.tampered ?? {}).reduce((sum, each) => sum + each.taken, 0);
  return taken * (protection?.place === 'client-to-broker' ? subscribers : 1);
}

function openerOf(cell: Cell, lab: Lab): PayloadOpener {
  const { id, mode, topology } = cell;
  const opener = brokerOf(lab, cell).payloads?.(topologyNamed(topology.name).brokerMode(mode, topology));
  if (opener === undefined) throw new Error(`The broker of ${id} opens no payloads`);
  return opener;
}

function medianUs(histogram: LatencyHistogram): number | undefined {
  return histogram.totalCount === 0 ? undefined : histogram.getValueAtPercentile(50);
}
