import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { brokerOf } from '../../src/scenario/broker.ts';
import { topologyOf } from '../../src/scenario/topology.ts';
import type { TopologyChoice } from '../../src/topology/topology.ts';
import { proveKills } from '../helpers/cleanup-proof.ts';
import { killOurs } from '../helpers/processes.ts';
import { expectNothingLeft, handshakes, measure, once, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTools } from '../helpers/tools.ts';
import { hasTun } from '../helpers/tun.ts';

const OUTER_MS = 34;
const INNER_MS = 10;
const backend = (await hasTun()) ? 'tun' : 'proxy';

const links = [resolveLink({ name: 'far', oneWayMs: OUTER_MS }), resolveLink({ name: 'null', oneWayMs: 0 })];

function behind(name: string, label: string, options: object = {}, innerMs = INNER_MS): TopologyChoice {
  const inner = { name: innerMs === 0 ? 'null' : 'zone', oneWayMs: innerMs };
  return topologyOf({ name, label, innerLink: inner, ...options }, (link) =>
    resolveLink(link === 'lan' ? inner : link),
  );
}

/** The quickest of a cell's good attempts, from their real start: what a busy machine adds only ever makes slower. */
function quickest(samples: readonly Sample[], cell: string): number {
  const own = samples.filter(({ cell: id, outcome }) => id === cell && outcome.status === 'ok');
  return Math.min(
    ...own.flatMap(({ milestonesMs: { connectReceived }, startLateMs }) =>
      connectReceived === undefined ? [] : [connectReceived - startLateMs],
    ),
  );
}

/** The nearest odd number: trips that begin with a client and end at a broker are one up more than down. */
function odd(trips: number): number {
  return 2 * Math.round((trips - 1) / 2) + 1;
}

/** Trips by mode to first data, over the outer link and the inner one. */
type Trips = Record<string, [number, number]>;

/** Counted by hand: `hops.test.ts` has the reasons. */
const COLD: Trips = {
  tls12: [7, 1],
  tls13: [5, 3],
  'tls12-psk': [7, 1],
  mtls13: [5, 3],
  'tls12-resumed-ticket': [5, 3],
};
const ANEW: Trips = { ...COLD, tls13: [5, 5], mtls13: [5, 5], 'tls12-resumed-ticket': [5, 5] };
const WARM: Trips = Object.fromEntries(Object.entries(COLD).map(([mode, [outer]]) => [mode, [outer, 1]]));

/** Kinds of hops by a name for each, and the trips that they should take. */
type Kinds = Record<string, { name: string; options: object; trips: Trips }>;

/**
 * Trips that the differences between links with and without delay amount to, whole ones, for each kind of hop; all are
 * measured in one run. What is not good is an error.
 */
async function inferred(kinds: Kinds): Promise<Record<string, Trips>> {
  const modes = [...new Set(Object.values(kinds).flatMap(({ trips }) => Object.keys(trips)))];
  const { results, samples } = await measure(
    scenarioWith({
      modes,
      links,
      topologies: Object.entries(kinds).flatMap(([kind, { name, options }]) => [
        behind(name, `${kind}-zone`, options),
        behind(name, `${kind}-no-zone`, options, 0),
      ]),
      workloads: [handshakes({ connectionsPerSecond: 15 })],
      rounds: 6,
    }),
    `${temporaryFolder()}/run`,
    { backend },
  );
  const bad = results.cells.filter(({ samples: { failed, excluded } }) => failed + excluded > 0);
  if (bad.length > 0)
    throw new Error(`Not good: ${JSON.stringify(bad.map((cell) => [cell.id, cell.samples]))}`);
  const of = (mode: string, link: string, topology: string): number =>
    quickest(samples, `${mode}/${link}/aedes/${topology}/handshake`);
  const tripsOf = (mode: string, kind: string): [number, number] => {
    const here = of(mode, 'far', `${kind}-zone`);
    const inner = odd((here - of(mode, 'far', `${kind}-no-zone`)) / INNER_MS);
    // Over a null link in front other trips are waited for behind the hop; they are taken off as they are there.
    const overNull = of(mode, 'null', `${kind}-zone`) - of(mode, 'null', `${kind}-no-zone`);
    const zone = overNull - inner * INNER_MS;
    return [odd((here - of(mode, 'null', `${kind}-zone`) + zone) / OUTER_MS), inner];
  };
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, { trips }]) => [
      kind,
      Object.fromEntries(Object.keys(trips).map((mode) => [mode, tripsOf(mode, kind)])),
    ]),
  );
}

function expected(kinds: Kinds): Record<string, Trips> {
  return Object.fromEntries(Object.entries(kinds).map(([kind, { trips }]) => [kind, trips]));
}

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

const FOREIGN = [
  ['haproxy', 'haproxy', []],
  ['nginx', 'nginx', []],
  ['stunnel', 'stunnel4', ['tls12-psk']],
] as const;
const present: (typeof FOREIGN)[number][0][] = [];
for (const [hop, tool] of FOREIGN) if (await hasTools(tool)) present.push(hop);

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
const NULL = resolveLink({ name: 'null', oneWayMs: 0 });

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
          links: links.slice(0, 1),
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
        links: links.slice(0, 1),
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
