import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultsSchema } from '../../src/results/schema.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { cliIn } from '../helpers/cli.ts';
import { resultsIn, RUN_INTO_OUT, setting, workplace } from './tiny-run.ts';

test('--json: results.json alone on stdout, and a whole run folder below results/runs', async () => {
  const folder = workplace();
  const { code, stdout, stderr } = await cliIn(
    folder,
    'run',
    'tiny.yaml',
    '--json',
    '--seed',
    '42',
    '--allow-uncalibrated',
  );
  expect(code).toBe(0);
  const runs = readdirSync(join(folder, 'results/runs'));
  expect(runs).toEqual([expect.stringMatching(/^tiny-\d{8}T\d{6}Z$/)]);
  const run = join(folder, 'results/runs', String(runs[0]));
  expect(resultsSchema.parse(JSON.parse(stdout))).toEqual(resultsIn(run));
  expect(resultsIn(run)).toMatchObject({
    complete: true,
    seed: 42,
    cells: [
      { id: 'plain/null/aedes/direct/handshake', samples: { attempted: 5, ok: 5, warmup: 1 } },
      { id: 'tls13/null/aedes/direct/handshake', samples: { attempted: 5, ok: 5, warmup: 1 } },
    ],
  });
  expect(readdirSync(run)).toEqual(
    expect.arrayContaining(['report.html', 'results.json', 'samples.ndjson', 'scenario.yaml', 'summary.md']),
  );
  expect(await loadScenario(join(run, 'scenario.yaml'))).toEqual(
    await loadScenario(join(folder, 'tiny.yaml'), { set: ['seed=42'] }),
  );
  // Progress goes to stderr, in plain lines where there is no terminal.
  expect(stderr).toContain('measuring 12 connections\n');
  expect(stderr).not.toContain('\u001B');
});

test('more lost than the budget allows: exit code 6, cell by cell', async () => {
  const folder = workplace();
  const { code, stdout, stderr } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    ...setting(
      'modes=[tls13]',
      // The hop finds another name in the broker's certificate than it should, and passes nothing on.
      'topology=[direct, { name: tls-reencrypted, innerCertificate: wrong-name, innerLink: null }]',
      'workload.action=subscribe',
    ),
  );
  expect(code).toBe(6);
  expect(stderr).toContain(
    'Too many attempts were lost:\ntls13/null/aedes/tls-reencrypted/handshake: 5 failed and 0 excluded of 5: 100 %, expect.failureBudget allows at most 1 %',
  );
  expect(stderr).not.toContain('tls13/null/aedes/direct/handshake:');
  expect(stdout).toContain('hop:ERR_TLS_CERT_ALTNAME_INVALID');
  expect(resultsIn(join(folder, 'out')).complete).toBe(true);
});

test('a port in use: exit code 5, and no run folder is left', async () => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  const folder = workplace();
  const { code, stderr } = await cliIn(
    folder,
    ...RUN_INTO_OUT,
    ...setting(`broker={ name: aedes, port: ${port} }`),
    // In a namespace of its own a broker finds every port free.
    '--backend',
    'proxy',
  );
  server.close();
  expect(code).toBe(5);
  expect(stderr).toMatch(new RegExp(`^error: .*\\b${port}\\b`, 'm'));
  expect(readdirSync(folder)).toEqual(['tiny.yaml']);
});
