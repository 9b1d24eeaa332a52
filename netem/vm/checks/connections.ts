import { linearRegression, median, min } from 'simple-statistics';
import { aedes } from '../../../src/broker/aedes.ts';
import { MILESTONE_NAMES } from '../../../src/measure/milestones.ts';
import type { Sample } from '../../../src/measure/sample.ts';
import { TCP_FLIGHTS } from '../../../src/model/serialization.ts';
import { tripsTo } from '../../../src/model/theory.ts';
import { modeNamed } from '../../../src/modes/index.ts';
import { createPki } from '../../../src/pki/create.ts';
import { DEFAULT_NEEDS } from '../../../src/pki/needs.ts';
import { startWorker } from '../../../src/swarm/swarm.ts';
import type { Attempt } from '../../../src/swarm/workloads/handshake.protocol.ts';
import { nowUs } from '../../../src/measure/clock.ts';
import { brokerOf } from '../../../src/scenario/broker.ts';
import { check, demand, say } from '../harness.ts';
import { nothingLeft } from '../leftovers.ts';
import { over } from '../links.ts';
import { folder, measure } from '../scenarios.ts';

const DELAYS_MS = [20, 100, 300];
/** Of each the quickest round counts: what an emulated processor needs varies. */
const ROUNDS = 6;
/** Its time is counted in instructions: what is off is what a round takes beside its trips. */
const LIMIT_TRIPS = 0.03;
const MODES = ['plain', 'tls12', 'tls13'];
const WORKLOAD = {
  kind: 'handshake',
  action: 'publish',
  qos: 1,
  connectionsPerSecond: 3,
  timeoutMs: 30_000,
} as const;

await check('trip counts of connections', async () => {
  const samples = await measure({
    modes: MODES,
    links: DELAYS_MS.map((oneWayMs) => ({ name: `${oneWayMs}ms`, oneWayMs })),
    rounds: ROUNDS,
    warmupRounds: 1,
    workload: WORKLOAD,
  });
  demand(samples.length === MODES.length * DELAYS_MS.length * ROUNDS, `${samples.length} samples`);
  const found = MODES.map((mode) => {
    const trips = MILESTONE_NAMES.flatMap((milestone) => {
      const predicted = tripsTo(modeNamed(mode).theory, milestone);
      if (predicted === undefined) return [];
      const points = DELAYS_MS.flatMap((delayMs): [number, number][] => {
        const times = samples
          .filter(({ cell }) => cell.startsWith(`${mode}/${delayMs}ms/`))
          .flatMap(({ milestonesMs, startLateMs }) => {
            const ms = milestonesMs[milestone];
            return ms === undefined ? [] : [ms - startLateMs];
          });
        return times.length === 0 ? [] : [[delayMs, min(times)]];
      });
      if (points.length === 0) return [];
      const found = linearRegression(points).m;
      near(found, predicted, `${mode} ${milestone}`);
      return [`${milestone} ${found.toFixed(3)}/${predicted}`];
    });
    demand(trips.length >= 7, `${mode}: only ${trips.join(', ')}`);
    return `${mode} ${trips.join(', ')}; of the wire ${wireTrips(samples, mode).join(', ')}`;
  });
  return `\n      ${found.join('\n      ')}\n     `;
});

function near(found: number, predicted: number, what: string): void {
  demand(
    Math.abs(found - predicted) <= LIMIT_TRIPS,
    `${what}: ${found.toFixed(3)} trips, more than ${LIMIT_TRIPS} off ${predicted}`,
  );
}

/** Trips to what the tap saw at the broker's end, by its slope over the delays; and the flights, of which none is missed. */
function wireTrips(samples: readonly Sample[], mode: string): string[] {
  const { theory } = modeNamed(mode);
  return (['connectReceived', 'connackSent', 'publishReceived'] as const).map((name) => {
    const points = DELAYS_MS.map((delayMs): [number, number] => {
      const own = samples.filter(({ cell }) => cell.startsWith(`${mode}/${delayMs}ms/`));
      const times = own.map(({ wireMs = {}, startLateMs }) => (wireMs[name] ?? NaN) - startLateMs);
      const least = theory.flights.length - TCP_FLIGHTS;
      demand(
        own.every(({ flights }) => flights.length >= least),
        `${mode}: ${JSON.stringify(own[0]?.flights)}`,
      );
      return [delayMs, min(times)];
    });
    const found = linearRegression(points).m;
    near(found, tripsTo(theory, name) ?? NaN, `${mode} ${name} of the wire`);
    return `${name} ${found.toFixed(3)}`;
  });
}

await check('every connection over a lossy link comes through', () =>
  over({ lossy: { oneWayMs: 20, loss: 0.05 } }, async ({ lossy }, open) => {
    const pkiFolder = await folder();
    await createPki(pkiFolder, [DEFAULT_NEEDS]);
    const onCrash = (error: Error): void => say(error.message);
    const broker = await aedes.start({
      host: open.brokerHost,
      modes: ['tls13'],
      pkiFolder,
      choice: brokerOf('aedes'),
      prefix: open.prefix.broker,
      onRecord: () => {},
      onRefusal: () => {},
      onCrash,
    });
    const attempts: Attempt[] = [];
    const worker = await startWorker({
      name: 'publishers',
      prefix: open.prefix.client,
      onEvent: (event) => void (event.kind === 'attempts' && attempts.push(...event.attempts)),
      onCrash,
    });
    try {
      const { port = 0 } = broker.listeners.get('tls13') ?? {};
      const target = { cell: 0, mode: 'tls13', host: lossy.hosts.up, port, modelledConnectMs: 0 };
      await worker.call('prepare', { pkiFolder, targets: [target] });
      await worker.call('handshake', {
        action: 'subscribe',
        qos: 0,
        client: 'mqttjs',
        payloadBytes: 64,
        timeoutMs: 60_000,
        startUs: nowUs() + 500_000,
        arrivals: Array.from({ length: 60 }, (_, id) => ({ id, cell: 0, atMs: id * 250 })),
      });
    } finally {
      await worker.stop();
      await broker.stop();
    }
    const bad = attempts.find(({ failure }) => failure !== undefined);
    demand(attempts.length === 60 && bad === undefined, `${attempts.length}: ${JSON.stringify(bad)}`);
    const { up, down } = (await open.traffic()).get('lossy') ?? {};
    const lost = (up?.lost ?? 0) + (down?.lost ?? 0);
    const times = attempts.map(
      ({ startedUs, stampsUs: { subackReceived = NaN } }) => (subackReceived - startedUs) / 1000,
    );
    const text =
      `${lost} of ${(up?.packets ?? 0) + (down?.packets ?? 0)} packets lost, ` +
      `SUBACK after ${median(times).toFixed(0)} ms, at worst ${Math.max(...times).toFixed(0)} ms`;
    // What is lost is sent again after 200 ms at the least (RFC 6298, as Linux has it).
    demand(lost > 0 && Math.max(...times) > Math.min(...times) + 150, text);
    return text;
  }),
);

await check('nothing is left after runs that ended', () => nothingLeft());
