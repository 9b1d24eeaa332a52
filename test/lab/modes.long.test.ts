import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { tripsTo } from '../../src/model/theory.ts';
import { MODES, modeNamed } from '../../src/modes/index.ts';
import type { Results } from '../../src/results/schema.ts';
import { handshakes, measure, scenarioWith } from '../helpers/runs.ts';
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
  'tls12+tickets=false',
  'tls13+tickets=false',
  'mtls13+tickets=false+pipelined=true',
  'tls12+auth=client-id-and-password',
  'mtls13+auth=x509',
  'tls12+auth=password+credentials=unknown-user',
  'tls13+auth=client-id+credentials=unknown-client-id+pipelined=true',
];
/** No broker of this scenario speaks it. */
const UNSPOKEN = 'tls13+mqtt=5';

const newFolder = sharedFolders();
let results: Results;
let samples: Sample[];
beforeAll(async () => {
  const scenario = scenarioWith({
    modes: [...MODES.map(({ name }) => name), ...VARIANTS, UNSPOKEN],
    links: [resolveLink({ name: 'near', oneWayMs: ONE_WAY_MS })],
    workloads: [handshakes({ connectionsPerSecond: 20 })],
    rounds: ROUNDS,
  });
  ({ results, samples } = await measure(scenario, join(newFolder(), 'run')));
});

describe.each([...MODES.map(({ name }) => name), ...VARIANTS])('%s', (id) => {
  it('is good in every attempt, and takes the trips of theory to every milestone', () => {
    const cell = results.cells.find(({ mode }) => mode === id);
    expect(cell?.samples).toMatchObject({ attempted: ROUNDS, failed: 0, excluded: 0 });
    const own = samples.filter((sample) => sample.cell.startsWith(`${id}/`));
    expect(own).toHaveLength(ROUNDS + 1);
    const mode = modeNamed(id);
    const reached = Object.keys(own[0]?.milestonesMs ?? {}) as (keyof Sample['milestonesMs'])[];
    expect(reached).toContain(mode.refusedAt !== undefined ? 'refused' : 'pubackReceived');
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
  expect(negotiated('tls12+auth=password+credentials=unknown-user')).toEqual([
    'refused by the broker: connack:4',
  ]);
  expect(negotiated('tls13-resumed')).toEqual(['TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, resumed']);
  expect(negotiated('tls13-mlkem')[0]).toContain('X25519MLKEM768');
  expect(results.unsupported).toEqual([
    { mode: UNSPOKEN, broker: 'aedes', reason: 'aedes speaks MQTT 3.1.1 only' },
  ]);
  expect(results.cells.filter(({ mode }) => mode === UNSPOKEN)).toEqual([]);
  expect(results.warnings.join()).toContain('mtls12+client=revoked (CERT_REVOKED)');
});

describe('session tickets', () => {
  const of = (id: string): Sample[] => samples.filter(({ cell }) => cell.startsWith(`${id}/`));
  const median = (id: string, read: (sample: Sample) => number | undefined): number => {
    const values = of(id).map((sample) => read(sample) ?? Number.NaN);
    return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  };
  const issued = (id: string): boolean[] =>
    of(id).map(({ tls }) => (tls?.messages ?? []).some(({ name }) => name === 'NewSessionTicket'));
  const told = (id: string): unknown[] =>
    of(id).map(({ negotiated }) => [negotiated.client?.ticket, negotiated.broker?.ticket]);

  it('of TLS 1.2 are on the wire, at both ends and in the bytes of the handshake, or nowhere', () => {
    const down = (sample: Sample): number | undefined => sample.tls?.handshakeDown;
    expect(new Set(issued('tls12'))).toEqual(new Set([true]));
    expect(new Set(issued('tls12+tickets=false'))).toEqual(new Set([false]));
    expect(new Set(issued('tls12-resumed-id'))).toEqual(new Set([false]));
    for (const ends of told('tls12')) expect(ends).toEqual([true, true]);
    for (const ends of told('tls12+tickets=false')) expect(ends).toEqual([undefined, undefined]);
    for (const ends of told('tls12-resumed-id')) expect(ends).toEqual([undefined, undefined]);
    expect(median('tls12', down) - median('tls12+tickets=false', down)).toBeGreaterThan(150);
  });

  it('of TLS 1.3 are held by the client or not; those of the listener beside it are', () => {
    for (const ends of told('tls13')) expect(ends).toEqual([true, undefined]);
    for (const ends of told('tls13+tickets=false')) expect(ends).toEqual([undefined, undefined]);
    for (const ends of told('mtls13+tickets=false+pipelined=true'))
      expect(ends).toEqual([undefined, undefined]);
    // Two tickets are in what the broker sends after the handshake.
    const after = ({ bytes }: Sample): number | undefined => bytes?.down;
    expect(median('tls13', after) - median('tls13+tickets=false', after)).toBeGreaterThan(400);
  });
});
