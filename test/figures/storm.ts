/**
 * A storm of 5,000 clients in full and one of 5,000 that resume, at once, as a user runs it:
 * `npm run -s figures:storm -- [--clients N] [--modes a,b] [--broker NAME] [--arrivals at-once|rate]`. Prints both distributions; exit
 * code 1 names who was not accounted for.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { conclude, runScenario } from './run.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '5000' },
    modes: { type: 'string', default: 'tls13,tls13-resumed' },
    broker: { type: 'string', default: 'mosquitto' },
    arrivals: { type: 'string', default: 'at-once' },
  },
});
const clients = Number(values.clients);
const missed: string[] = [];
const folder = await mkdtemp(join(tmpdir(), 'figures-storm-'));
try {
  const scenario = join(folder, 'storm.yaml');
  await writeFile(
    scenario,
    `name: storm\nquestion: How long until everyone is back?\nmodes: [${values.modes}]\nlinks: [null]\nbroker: ${values.broker}
workload: { kind: storm, clients: ${clients}, arrivals: ${values.arrivals} }\n`,
  );
  // Who failed is told below.
  const budget = ['--set', 'expect.failureBudget=1'];
  const { results, wallSeconds } = await runScenario(scenario, '--backend', 'none', ...budget);
  for (const { mode, storm, samples } of results.cells) {
    if (storm === undefined) {
      missed.push(`${mode}: no storm`);
      continue;
    }
    const { connecting, service, tcpConnected, ...rest } = storm;
    const figures = (of: typeof connecting): object => {
      const { hdr: _encoded, ...all } = of ?? { hdr: '' };
      return all;
    };
    process.stdout.write(
      `${JSON.stringify({ mode, ...rest, tcpConnected: figures(tcpConnected), connecting: figures(connecting), service: figures(service) }, null, 2)}\n`,
    );
    const { attempted, ok, failed, excluded, reasons } = samples;
    const explained = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    if (attempted !== clients || ok + failed + excluded !== clients || explained !== failed + excluded)
      missed.push(`${mode}: ${JSON.stringify(samples)} do not add up to ${clients}`);
    if (mode.includes('resumed') !== storm.resumed > 0 || (storm.resumed > 0 && storm.resumed < ok))
      missed.push(`${mode}: ${storm.resumed} resumed of ${storm.connected}`);
  }
  for (const warning of results.warnings) process.stdout.write(`${warning}\n`);
  process.stdout.write(`${wallSeconds.toFixed(0)} s\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
conclude(missed);
