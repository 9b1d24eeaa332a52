import { decodeHistogram, encodeHistogram, mergeHistograms } from '../../measure/histogram.ts';
import { nowUs } from '../../measure/clock.ts';
import { distributionOfHdr } from '../../results/distribution.ts';
import type { CellResult, LoadProtection, Throughput } from '../../results/schema.ts';
import type { Cell } from '../../scenario/plan.ts';
import { seededRandom } from '../../scenario/random.ts';
import type { Collected, Published } from '../../swarm/workloads/pubsub.protocol.ts';
import { USUAL_CLIENT } from '../../swarm/workloads/settings/common.ts';
import type { PubsubWorkload } from '../../swarm/workloads/settings/pubsub.ts';
import { publishersOf } from '../assemble.ts';
import { CellProtection, refusedDeliveries, refusedIn, takenDeliveries } from './cell-protection.ts';
import { busiestOf } from './fleet.ts';
import { outcomesOf, type FleetPhase, type PhaseContext } from './phase.ts';

const LEAD_MS = 200;
/** An altered message has a connection of its own where the broker opens it: no longer than that on most links. */
const ALTERED_OPEN_SECONDS = 5;

export const pubsub: FleetPhase<'pubsub'> = {
  kind: 'pubsub',
  step: ({ id }, { seconds }) => `publishing over ${id} for ${seconds} s`,
  openAtOnce: ({ publishers, subscribers, ratePerPublisher, protection, tamper = 0 }) => {
    const alteredPerSecond =
      protection?.place === 'client-to-broker' ? publishers * ratePerPublisher * tamper : 0;
    return publishers + subscribers + Math.ceil(alteredPerSecond * ALTERED_OPEN_SECONDS);
  },
  partial: true,
  load: ({ publishers, ratePerPublisher, seconds }) =>
    `${publishers * ratePerPublisher} messages a second from ${publishers} publishers for ${seconds} s`,
  run: async (cell, workload, context) => {
    const throughput = await runPubsub(cell, workload, context);
    return { figures: { throughput }, samples: deliveries(throughput) };
  },
};

/** In a pubsub cell an attempt is a delivery: each message to each subscriber, but for those that were altered. */
function deliveries(throughput: Throughput): CellResult['samples'] {
  const { received, lost } = throughput;
  const refused = refusedDeliveries(throughput);
  return outcomesOf(received + refused + lost, received, {
    ...(lost > 0 ? { lost } : {}),
    ...(refused > 0 ? { 'refused-as-not-genuine': refused } : {}),
  });
}

/** Connects everyone, publishes by the schedule, waits for the last delivery, counts. */
async function runPubsub(cell: Cell, workload: PubsubWorkload, context: PhaseContext): Promise<Throughput> {
  const { lab, seed, stop } = context;
  const {
    client = USUAL_CLIENT,
    publishers,
    subscribers,
    seconds,
    qos,
    timeoutMs,
    payloadBytes,
    ratePerPublisher,
  } = workload;
  const protection = await CellProtection.begin(cell, workload, context);
  await lab.subscribers.call('subscribe', {
    cells: [{ cell: cell.index, subscribers, ...protection?.subscriber }],
    client,
    purpose: 'messages',
    qos,
    timeoutMs,
  });
  const random = seededRandom(seed + cell.index);
  const all = Array.from({ length: publishers }, (_, index) => ({ index, phase: random.next() }));
  const workers = publishersOf(lab, cell.mode);
  const jobs = workers.map((worker, position) => ({
    worker,
    job: {
      cell: cell.index,
      client,
      seconds,
      ratePerPublisher,
      publishers: all.filter(({ index }) => index % workers.length === position),
      payloadBytes,
      qos,
      timeoutMs,
      ...protection?.publisher(position),
    },
  }));
  await Promise.all(jobs.map(({ worker, job }) => worker.call('connectPublishers', job)));
  const startUs = nowUs() + LEAD_MS * 1000;
  await lab.subscribers.call('expectMessages', { cell: cell.index, startUs, seconds });
  const published = await Promise.all(
    jobs.map(({ worker, job }) => worker.call('publish', { ...job, startUs })),
  );
  const left = leftOf(published);
  const giveUpUs = nowUs() + timeoutMs * 1000;
  const missing = async ({ received, tally }: Collected): Promise<boolean> => {
    // What the broker refuses comes to nobody.
    const due = (left - ((await protection?.refusedByBroker()) ?? 0)) * subscribers;
    return received + refusedIn(tally) < due;
  };
  let collected = await lab.subscribers.call('collect', { cell: cell.index });
  while ((await missing(collected)) && nowUs() < giveUpUs && !stop.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collected = await lab.subscribers.call('collect', { cell: cell.index });
  }
  const protectedLoad = await protection?.end(published, collected);
  await Promise.all([...workers, lab.subscribers].map((worker) => worker.call('disconnect', null)));
  return throughputOf(workload, published, collected, protectedLoad);
}

/** Messages that left, those included that were altered. */
function leftOf(published: readonly Published[]): number {
  const sent = sum(published.flatMap(({ sentPerSecond }) => sentPerSecond));
  return (
    sent - sum(published.map(({ protection: { altered, injected } = NONE }) => altered - injected.length))
  );
}

const NONE = { altered: 0, injected: [] };

function throughputOf(
  workload: PubsubWorkload,
  published: readonly Published[],
  collected: Collected,
  protection: LoadProtection | undefined,
): Throughput {
  const { publishers, subscribers, seconds, ratePerPublisher, payloadBytes, qos } = workload;
  const sentIn = (second: number): number =>
    sum(published.map(({ sentPerSecond }) => sentPerSecond[second] ?? 0));
  const sent = sum(published.flatMap(({ sentPerSecond }) => sentPerSecond));
  const unsent = sum(published.map((each) => each.unsent));
  const sentFor = Math.max(...published.map(({ sentForSeconds }) => sentForSeconds));
  // Where the load was cut short, nothing of the rest was due.
  const isCut = sentFor < seconds;
  const longest = Math.max(
    ...(isCut ? [] : [collected.receivedPerSecond.length]),
    ...published.map(({ sentPerSecond }) => sentPerSecond.length),
  );
  const histograms = collected.seconds.map(({ endToEndHdr }) => decodeHistogram(endToEndHdr));
  const endToEnd = distributionOfHdr(encodeHistogram(mergeHistograms(histograms)));
  const service = distributionOfHdr(collected.serviceHdr);
  const altered = sum(published.map((each) => each.protection?.altered ?? 0));
  const received = collected.received - takenDeliveries(protection, subscribers);
  const refused = protection === undefined ? 0 : refusedDeliveries({ protection, subscribers });
  return {
    askedPerSecond: publishers * ratePerPublisher,
    sentPerSecond: sent / sentFor,
    receivedPerSecond: received / (isCut ? sentFor : collected.receivedForSeconds),
    publishers,
    subscribers,
    payloadBytes,
    qos,
    sent,
    ...(unsent === 0 ? {} : { unsent }),
    received,
    lost: (sent + unsent - altered) * subscribers - received - refused,
    lateSends: sum(published.map(({ lateSends }) => lateSends)),
    ...(endToEnd === undefined ? {} : { endToEnd }),
    ...(service === undefined ? {} : { service }),
    ...(protection === undefined ? {} : { protection }),
    generator: busiestOf(published.map(({ spent }) => spent)),
    seconds: Array.from({ length: longest }, (_, second) => ({
      second,
      sent: sentIn(second),
      received: collected.receivedPerSecond[second] ?? 0,
      ...percentiles(histograms[second]),
    })),
  };
}

function percentiles(
  histogram: ReturnType<typeof decodeHistogram> | undefined,
): Pick<Throughput['seconds'][number], 'p50Ms' | 'p95Ms' | 'p99Ms'> {
  if (histogram === undefined || histogram.totalCount === 0) return {};
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000;
  return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
