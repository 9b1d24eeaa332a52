import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { NULL_LINK, resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { modeNamed } from '../../src/modes/index.ts';
import type { Results } from '../../src/results/schema.ts';
import { median } from '../../src/stats/median.ts';
import { AEDES, handshakes, measure, scenarioWith } from '../helpers/runs.ts';
import { installedRuntimes } from '../helpers/runtimes.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const ONE_WAY_MS = 30;
const ROUNDS = 3;
const RUNTIMES = ['node-24', 'node-22', 'bun', 'deno'];
const FAMILIES = [
  'plain',
  'tls12',
  'tls13',
  'mtls12',
  'mtls13',
  'tls13-hrr',
  'tls13-psk',
  'tls13-mlkem',
  'tls13-resumed',
  'tls13+pipelined=true',
];
const on = (family: string, runtime: string): string => modeNamed(`${family}+clientRuntime=${runtime}`).name;

const installed = await installedRuntimes();
const newFolder = sharedFolders();

describe.skipIf(installed.size < RUNTIMES.length + 1)('clients and brokers on other TLS stacks', () => {
  let results: Results;
  let samples: Sample[];
  beforeAll(async () => {
    const scenario = scenarioWith({
      modes: [
        'mtls13',
        'tls13-mlkem',
        ...FAMILIES.flatMap((family) => RUNTIMES.map((name) => on(family, name))),
      ],
      links: [resolveLink({ name: 'near', oneWayMs: ONE_WAY_MS })],
      brokers: [AEDES, { ...AEDES, id: 'aedes-node-22', runtime: 'node-22' }],
      workloads: [handshakes({ connectionsPerSecond: 25 })],
      rounds: ROUNDS,
    });
    ({ results, samples } = await measure(scenario, join(newFolder(), 'run')));
  }, 120_000);

  it('are good in every attempt at what they have', () => {
    expect(results.complete).toBe(true);
    for (const { id, samples: account } of results.cells)
      expect([id, account.attempted, account.failed, account.excluded]).toEqual([id, ROUNDS, 0, 0]);
  });

  it('are left out by what they did where they do not have a mode', () => {
    const reasons = Object.fromEntries(
      results.unsupported.map(({ mode, broker, reason }) => [`${mode} @ ${broker}`, reason]),
    );
    const expected: Record<string, unknown> = {};
    const because = (mode: string, text: RegExp, brokers = ['aedes', 'aedes-node-22']): void => {
      for (const broker of brokers) expected[`${mode} @ ${broker}`] = expect.stringMatching(text);
    };
    // BoringSSL's and rustls' interfaces take no external PSK.
    for (const name of ['bun', 'deno']) because(on('tls13-psk', name), /handshake.?failure/i);
    because(on('tls13-resumed', 'deno'), /client negotiated resumed = false/);
    // It sends key shares of its own choice.
    because(on('tls13-hrr', 'deno'), /helloRetryRequest = false/);
    because(on('tls13-mlkem', 'deno'), /helloRetryRequest = true/, ['aedes']);
    because(
      on('tls13-mlkem', 'node-22'),
      /the TLS stack of publishers-node-22 says: Failed to set ECDH curve/,
      ['aedes'],
    );
    for (const mode of ['tls13-mlkem', ...RUNTIMES.map((name) => on('tls13-mlkem', name))])
      because(mode, /the broker's TLS stack says: Failed to set ECDH curve/, ['aedes-node-22']);
    expect(reasons).toEqual(expected);
    expect(results.cells).toHaveLength(
      2 * (2 + RUNTIMES.length * FAMILIES.length) - results.unsupported.length,
    );
  });

  it('take as many trips as the bench’s own', () => {
    const tripsOf = (cell: string): number => (cell.startsWith('plain') ? 3 : /12|hrr/.test(cell) ? 7 : 5);
    const counted = samples.filter(({ warmup }) => !warmup);
    expect(counted.length).toBe(ROUNDS * results.cells.length);
    const quickest = Map.groupBy(counted, ({ cell }) => cell);
    for (const [cell, own] of quickest) {
      // The quickest attempt, since the machine may be busy; compute is well below a trip.
      const ms = Math.min(...own.map(({ milestonesMs }) => milestonesMs.connectReceived ?? Infinity));
      expect([cell, ms]).toSatisfy(
        () => ms > tripsOf(cell) * ONE_WAY_MS - 1 && ms < (tripsOf(cell) + 1) * ONE_WAY_MS,
      );
    }
  });

  it('are told by both ends and by the wire, whatever their interface tells', () => {
    const cell = (mode: string) => results.cells.find((one) => one.mode === mode && one.broker === 'aedes');
    // Beyond ClientHello, which is each stack's own. Of every attempt: a busy machine may disturb all that would be in a cell's figures.
    const bytesUp = (mode: string): number =>
      median(
        samples
          .filter((one) => one.cell.startsWith(`${mode}/`))
          .flatMap(({ tls }) => {
            const hello = tls?.messages.find(({ name }) => name === 'ClientHello')?.bytes;
            return tls?.handshakeUp === undefined || hello === undefined ? [] : [tls.handshakeUp - hello];
          }),
      );
    const mutual = 'TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, broker verified, client verified';
    for (const name of RUNTIMES)
      expect(Object.keys(cell(on('mtls13', name))?.negotiated ?? {})).toEqual([mutual]);
    // One record for Certificate, CertificateVerify and Finished: two headers, types and tags fewer than OpenSSL's.
    const own = bytesUp('mtls13');
    for (const name of ['bun', 'deno']) {
      const saved = own - bytesUp(on('mtls13', name));
      // A signature of ECDSA has a byte or two more or less.
      expect([name, saved]).toSatisfy(() => Math.abs(saved - 2 * (5 + 1 + 16)) <= 4);
    }
    expect(String(results.environment['clientRuntimes'])).toMatch(/Node 26.*Node 24.*Node 22.*Bun.*Deno/);
    expect(String(results.environment['broker'])).toMatch(
      /^aedes .* on Node 26.*; aedes .* on Node 22.*OpenSSL 3\.0/,
    );
  });
});

test.skipIf(installed.size < RUNTIMES.length + 1)(
  'brokers on Bun and Deno are measured in what they do, and left out of what they do not',
  async () => {
    const brokers = (['bun', 'deno'] as const).map((runtime) => ({
      ...AEDES,
      id: `aedes-${runtime}`,
      runtime,
    }));
    const modes = [
      'plain',
      'tls12',
      'tls13',
      'mtls13',
      'tls13+tickets=false',
      'mtls13+client=revoked',
      'tls12-psk',
    ];
    const scenario = scenarioWith({ modes, brokers, links: [NULL_LINK], rounds: 2 });
    const { results } = await measure(scenario, join(newFolder(), 'run'));
    const left = results.unsupported.map(({ mode, broker, reason }): [string, string] => [
      `${mode} @ ${broker}`,
      reason,
    ]);
    expect(Object.fromEntries(left)).toEqual({
      'tls13+tickets=false @ aedes-bun': expect.stringContaining(
        'cannot be told to send no tickets',
      ) as unknown,
      'tls13+tickets=false @ aedes-deno': expect.stringContaining(
        'cannot be told to send no tickets',
      ) as unknown,
      // Its TLS server reads no revocation list.
      'mtls13+client=revoked @ aedes-deno': 'The broker let in a client that it must refuse.',
      'tls12-psk @ aedes-bun': expect.stringContaining('No cipher match') as unknown,
      'tls12-psk @ aedes-deno': expect.stringContaining('ACCESS_DENIED') as unknown,
    });
    expect(results.cells.map(({ samples: { ok, failed, excluded } }) => [ok, failed, excluded])).toEqual(
      Array.from({ length: modes.length * brokers.length - left.length }, () => [2, 0, 0]),
    );
  },
  60_000,
);
