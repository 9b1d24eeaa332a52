import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { brokerOf } from '../../src/scenario/broker.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import {
  ANEW,
  backend,
  behind,
  COLD,
  expected,
  FAR,
  FOREIGN,
  inferred,
  INNER_MS,
  NULL,
  odd,
  OUTER_MS,
  present,
  quickest,
  type Kinds,
  type Trips,
} from './hops.ts';

test.each(FOREIGN.filter(([hop]) => present.includes(hop)))(
  '%s takes the trips of theory, too',
  { retry: 2, timeout: 120_000 },
  async (hop, _tool, psk) => {
    const modes = ['tls12', 'tls13', 'mtls13', 'tls12-resumed-ticket', ...psk];
    const of = (trips: Trips): Trips =>
      Object.fromEntries(modes.map((mode) => [mode, trips[mode] ?? [0, 0]]));
    const kinds: Kinds = {
      ended: { name: 'tls-terminated', options: { hop }, trips: of(COLD) },
      anew: { name: 'tls-reencrypted', options: { hop }, trips: of(ANEW) },
    };
    expect(await inferred(kinds)).toEqual(expected(kinds));
  },
);

const withMosquitto = await hasTools('mosquitto');

describe.runIf(present.length > 0)(`hops that are not ours (${present.join(', ')})`, () => {
  test('find their files in a folder whose name has spaces and quotes', async () => {
    const folder = join(temporaryFolder(), `it's "a" \\folder`);
    await mkdir(folder);
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { samples } = await measure(
      scenarioWith({
        modes: ['mtls12', 'mtls13'],
        links: [NULL],
        topologies: present.map((hop) => behind('tls-reencrypted', hop, { hop }, 0)),
        workloads: [handshakes({ action: 'subscribe' })],
        rounds: 2,
      }),
      join(temporaryFolder(), 'run'),
    );
    expect(samples.length).toBeGreaterThanOrEqual(4 * present.length);
    expect(new Set(samples.map(({ outcome }) => outcome.status))).toEqual(new Set(['ok']));
  });

  test.skipIf(!withMosquitto).each([
    ['tls-terminated', 'passed on in clear', COLD],
    ['tls-reencrypted', 'encrypted anew', ANEW],
  ] as const)(
    '%s: have first data of a broker that is not ours either, where it is %s',
    { retry: 2, timeout: 120_000 },
    async (name, _how, trips) => {
      const modes = ['tls12', 'tls13'];
      const { results, samples } = await measure(
        scenarioWith({
          modes,
          links: [FAR],
          brokers: [brokerOf('mosquitto')],
          topologies: present.flatMap((hop) => [
            behind(name, `${hop}-zone`, { hop }),
            behind(name, `${hop}-no-zone`, { hop }, 0),
          ]),
          workloads: [handshakes({ connectionsPerSecond: 25 })],
          rounds: 6,
        }),
        join(temporaryFolder(), 'run'),
        { backend },
      );
      expect(results.warnings.filter((text) => text.includes('first data'))).toEqual([]);
      for (const hop of present) {
        for (const mode of modes) {
          const of = (zone: string): number =>
            quickest(samples, `${mode}/far/mosquitto/${hop}-${zone}/handshake`);
          const inner = odd((of('zone') - of('no-zone')) / INNER_MS);
          expect([hop, mode, odd(of('no-zone') / OUTER_MS), inner]).toEqual([
            hop,
            mode,
            ...(trips[mode] ?? []),
          ]);
        }
      }
      // What the link behind the hop saw is in the samples, too.
      expect(samples.every(({ inner }) => (inner?.flights?.length ?? 0) > 0)).toBe(true);
    },
  );

  // Over the proxy the hop sees the client at another port than its own.
  test.skipIf(!withMosquitto || backend === 'proxy')('the same over the proxy', async () => {
    const { samples } = await measure(
      scenarioWith({
        modes: ['tls12', 'mtls13'],
        links: [FAR],
        brokers: [brokerOf('mosquitto')],
        topologies: present.map((hop) => behind('tls-reencrypted', hop, { hop })),
        workloads: [handshakes({ connectionsPerSecond: 25 })],
        rounds: 4,
      }),
      join(temporaryFolder(), 'run'),
      { backend: 'proxy' },
    );
    for (const { id, milestonesMs, inner } of samples) {
      const { serverHandshakeDone, connectReceived, connackSent } = milestonesMs;
      expect([id, connectReceived, inner?.flights?.length]).not.toContain(undefined);
      const order = [serverHandshakeDone, connectReceived, connackSent] as number[];
      expect([id, ...order.toSorted((a, b) => a - b)]).toEqual([id, ...order]);
    }
  });

  test('pass nothing on to a broker that they cannot verify', async () => {
    const wrong = (hop: string, innerCertificate: string): TopologyChoice =>
      behind('tls-reencrypted', `${hop}-${innerCertificate}`, { hop, innerCertificate }, 0);
    const { samples } = await measure(
      scenarioWith({
        modes: ['tls12', 'tls13'],
        links: [NULL],
        topologies: present.flatMap((hop) => [wrong(hop, 'wrong-ca'), wrong(hop, 'wrong-name')]),
        workloads: [handshakes({ action: 'subscribe', timeoutMs: 5000 })],
        rounds: 2,
      }),
      `${temporaryFolder()}/run`,
    );
    expect(samples.filter(({ outcome }) => outcome.status === 'failed')).toHaveLength(samples.length);
    expect(new Set(samples.map(({ cell }) => cell)).size).toBe(4 * present.length);
  });
});
