import { expect, test } from 'vitest';
import { proveKills } from '../helpers/cleanup-proof.ts';
import { killOurs } from '../helpers/processes.ts';
import { expectNothingLeft, handshakes, measure, once, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import {
  ANEW,
  backend,
  behind,
  COLD,
  expected,
  FOREIGN,
  inferred,
  NULL,
  present,
  WARM,
  type Kinds,
} from './hops.ts';

test.each([
  ['tls-terminated', COLD],
  ['tls-reencrypted', ANEW],
] as const)(
  'trips to first data over both links equal theory: %s, cold and warm',
  { retry: 2, timeout: 120_000 },
  async (name, trips) => {
    const kinds: Kinds = {
      cold: { name, options: {}, trips },
      warm: { name, options: { warm: true }, trips: WARM },
    };
    expect(await inferred(kinds)).toEqual(expected(kinds));
  },
);

test('a broker behind the hop whose certificate is not the one expected: the data say so', async () => {
  const reasons = {
    'wrong-ca': /^hop:(UNABLE|SELF|DEPTH)/,
    'wrong-name': /^hop:ERR_TLS_CERT_ALTNAME_INVALID$/,
  };
  const { results, samples } = await measure(
    scenarioWith({
      modes: ['tls12', 'tls13'],
      links: [NULL],
      topologies: Object.keys(reasons).map((wrong) =>
        behind('tls-reencrypted', wrong, { innerCertificate: wrong }, 0),
      ),
      workloads: [handshakes({ action: 'subscribe', timeoutMs: 5000 })],
      rounds: 4,
    }),
    `${temporaryFolder()}/run`,
  );
  for (const [wrong, reason] of Object.entries(reasons)) {
    const own = samples.filter(({ cell }) => cell.includes(`/${wrong}/`));
    expect(own.length).toBeGreaterThanOrEqual(8);
    for (const { outcome } of own)
      expect(outcome).toMatchObject({ status: 'failed', reason: expect.stringMatching(reason) });
  }
  expect(results.warnings.join('\n')).toMatch(/not one of 4 attempts was good \(hop:/);
  await expectNothingLeft();
});

test.each(['node', ...present])(
  'a hop (%s) that dies mid-run: what was measured is saved, and why it ended',
  async (hop) => {
    const { results, samples } = await measure(
      scenarioWith({
        modes: ['tls13'],
        topologies: [behind('tls-terminated', 'ended', { hop })],
        workloads: [handshakes({ action: 'subscribe', connectionsPerSecond: 20, timeoutMs: 3000 })],
        rounds: 500,
      }),
      `${temporaryFolder()}/run`,
      { observer: once(() => void killOurs(programOf(hop))) },
    );
    expect(results.complete).toBe(false);
    expect(results.incompleteBecause).toMatch(
      hop === 'node' ? /hop-ended process ended/ : /hop-ended program ended/,
    );
    expect(results.incompleteBy).toBe(hop === 'node' ? 'bench' : 'environment');
    expect(samples.some(({ outcome }) => outcome.status === 'ok')).toBe(true);
    await expectNothingLeft();
  },
);

function programOf(hop: string): string {
  return FOREIGN.find(([name]) => name === hop)?.[1] ?? 'hop.child';
}

test('kill -9 of the runner leaves nothing of hops, foreign ones among them', async () => {
  const hops = ['node', ...present].flatMap((hop) => [
    `{ name: tls-terminated, label: ${hop}-ended, hop: ${hop} }`,
    `{ name: tls-reencrypted, label: ${hop}-anew, hop: ${hop} }`,
  ]);
  const scenario = `name: to-be-killed
question: What is left of it?
modes: [tls13]
links: [{ oneWayMs: 5 }]
topology: [${hops.join(', ')}]
workload: { kind: handshake, connectionsPerSecond: 50 }
rounds: 100
`;
  const { count, leftovers } = await proveKills(backend, 3, 5, scenario);
  expect({ count, leftovers }).toEqual({ count: 3, leftovers: [] });
}, 180_000);
