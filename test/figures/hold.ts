/**
 * Holds 10,000 idle clients of a mode for a minute, as a user does and as a bare loop of Node's own sockets does, against
 * one kind of broker: `npm run -s figures:hold -- [--clients N] [--seconds S] [--modes a,b] [--broker NAME] [--rate N]`. Exit code 1
 * names what is missed: a client that was lost, or memory of more than a tenth and 1 KiB above the bare loop's.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withBroker } from './generator/broker.ts';
import { generate, heldSchema } from './generator/order.ts';
import { conclude, runScenario } from './run.ts';

const MOST_OVER_BARE = 0.1;
/** A bare socket without TLS takes 2 KiB, and the objects of any client are more than a tenth of that. */
const LITTLE_BYTES = 1024;
/** On a machine that others use too an attempt may wait for long; here it is memory that counts. */
const TIMEOUT_MS = 120_000;
const KEEP_ALIVE_SECONDS = 30;

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    modes: { type: 'string', default: 'tls13,tls12,plain' },
    broker: { type: 'string', default: 'mosquitto' },
    rate: { type: 'string', default: '150' },
  },
});
const clients = Number(values.clients);
const seconds = Number(values.seconds);
const perSecond = Number(values.rate);
const missed: string[] = [];

for (const mode of values.modes.split(',')) {
  const folder = await mkdtemp(join(tmpdir(), 'figures-hold-'));
  try {
    const scenario = join(folder, 'hold.yaml');
    await writeFile(
      scenario,
      `name: hold\nquestion: What does an idle client take?\nmodes: [${mode}]\nlinks: [null]\nbroker: ${values.broker}
workload: { kind: hold, clients: ${clients}, seconds: ${seconds}, connectionsPerSecond: ${perSecond}, timeoutMs: ${TIMEOUT_MS}, keepAliveSeconds: ${KEEP_ALIVE_SECONDS} }\n`,
    );
    // Who was lost is told below.
    const budget = ['--set', 'expect.failureBudget=1'];
    const { results, wallSeconds } = await runScenario(scenario, '--backend', 'none', ...budget);
    const hold = results.cells[0]?.hold;
    if (hold === undefined) throw new Error(`${mode}: nothing was held`);
    const bare = await withBroker(values.broker, mode, (served) =>
      generate(
        {
          kind: 'hold',
          generator: 'bare',
          ...served,
          clients,
          perSecond,
          keepAliveSeconds: KEEP_ALIVE_SECONDS,
          seconds,
        },
        heldSchema,
      ),
    );
    const { perClient, pings, roundTrip } = hold;
    const overBytes = perClient.clientBytes - bare.bytesPerClient;
    const over = overBytes / bare.bytesPerClient;
    const row = {
      mode,
      clients,
      held: hold.held,
      reasons: hold.reasons,
      leanKiB: (perClient.clientBytes / 1024).toFixed(1),
      bareKiB: (bare.bytesPerClient / 1024).toFixed(1),
      overBare: `${(over * 100).toFixed(1)} %`,
      brokerKiB: ((perClient.brokerBytes ?? Number.NaN) / 1024).toFixed(1),
      clientCpuUsPerSecond: perClient.clientCpuUsPerSecond.toFixed(1),
      brokerCpuUsPerSecond: perClient.brokerCpuUsPerSecond?.toFixed(1),
      pings,
      pingP50Ms: roundTrip?.p50Ms,
      pingP99Ms: roundTrip?.p99Ms,
      connectP50Ms: hold.connecting?.p50Ms,
      bareHeld: bare.held,
      wallSeconds: wallSeconds.toFixed(0),
    };
    process.stdout.write(`${JSON.stringify(row)}\n`);
    if (hold.held !== clients) missed.push(`${mode}: ${hold.held} of ${clients} were still there`);
    if (over > MOST_OVER_BARE && overBytes > LITTLE_BYTES)
      missed.push(`${mode}: ${row.overBare} more memory than the bare loop`);
    if (pings.answered !== pings.due)
      missed.push(`${mode}: ${pings.answered} of ${pings.due} pings answered`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
conclude(missed);
