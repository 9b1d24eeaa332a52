import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SILENT } from '../../src/lab/observer.ts';
import { run } from '../../src/lab/run.ts';
import { resolveLink } from '../../src/link/spec.ts';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';
import { tripsTo } from '../../src/model/theory.ts';
import { MODES, modeNamed } from '../../src/modes/index.ts';
import type { Results } from '../../src/results/schema.ts';
import { makePlan } from '../../src/scenario/plan.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const ONE_WAY_MS = 40;
const ROUNDS = 2;
const VARIANTS = [
  'tls13+key=rsa-2048+chain=2',
  'tls13+key=ml-dsa-44',
  'tls12+key=ecdsa-p384',
  'plain+pipelined=true',
  'tls13+pipelined=true',
  'mtls12+client=revoked',
  'mtls13+client=wrong-ca',
  'mtls13+crlEntries=5',
  'tls13+clientNoDelay=false',
];

const newFolder = sharedFolders();
let results: Results;
let samples: Sample[];
beforeAll(async () => {
  const folder = join(newFolder(), 'run');
  results = await run(
    makePlan({
      name: 'modes',
      question: 'Does every mode take its trips?',
      modes: [...MODES.map(({ name }) => name), ...VARIANTS],
      links: [resolveLink({ name: 'near', oneWayMs: ONE_WAY_MS })],
      brokers: [{ id: 'aedes', name: 'aedes', port: undefined, noDelay: true, runtime: 'node' }],
      topologies: ['direct'],
      workloads: [
        {
          kind: 'handshake',
          action: 'publish',
          qos: 1,
          payloadBytes: 64,
          connectionsPerSecond: 20,
          arrivals: 'even',
          timeoutMs: 10_000,
          workers: 1,
        },
      ],
      rounds: ROUNDS,
      warmupRounds: 1,
      seed: 5,
      expect: { failureBudget: 0 },
    }),
    {
      backend: 'proxy',
      allowUncalibrated: true,
      folder,
      observer: SILENT,
      signal: new AbortController().signal,
    },
  );
  const lines = (await readFile(join(folder, 'samples.ndjson'), 'utf8')).trim().split('\n');
  samples = lines.map((line) => sampleSchema.parse(JSON.parse(line)));
});

describe.each([...MODES.map(({ name }) => name), ...VARIANTS])('%s', (id) => {
  it('is good in every attempt, and takes the trips of theory to every milestone', () => {
    const cell = results.cells.find(({ mode }) => mode === id);
    expect(cell?.samples).toMatchObject({ attempted: ROUNDS, failed: 0, excluded: 0 });
    const own = samples.filter((sample) => sample.cell.startsWith(`${id}/`));
    expect(own).toHaveLength(ROUNDS + 1);
    const mode = modeNamed(id);
    const reached = Object.keys(own[0]?.milestonesMs ?? {}) as (keyof Sample['milestonesMs'])[];
    expect(reached).toContain(mode.refused ? 'refused' : 'pubackReceived');
    for (const milestone of reached) {
      const trips = tripsTo(mode.theory, milestone);
      // The quickest attempt, since the machine may be busy; compute is well below a trip.
      const ms = Math.min(...own.map(({ milestonesMs }) => milestonesMs[milestone] ?? Infinity));
      expect([milestone, trips, ms]).toSatisfy(
        () => trips !== undefined && ms > trips * ONE_WAY_MS - 1 && ms < (trips + 1) * ONE_WAY_MS,
      );
    }
  });
});

it('says what was negotiated, and that refused clients were refused', () => {
  const negotiated = (id: string): string[] =>
    Object.keys(results.cells.find(({ mode }) => mode === id)?.negotiated ?? {});
  expect(negotiated('mtls12+client=revoked')).toEqual(['refused by the broker']);
  expect(negotiated('tls13-resumed')).toEqual(['TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, resumed']);
  expect(negotiated('tls13-mlkem')[0]).toContain('X25519MLKEM768');
  expect(results.unsupported).toEqual([]);
  expect(results.warnings.join()).toContain('mtls12+client=revoked (CERT_REVOKED)');
});
