import { describe, expect, it } from 'vitest';
import type { Milestone } from '../../src/measure/milestones.ts';
import { tripsTo } from '../../src/model/theory.ts';
import { MODES, modeNamed } from '../../src/modes/index.ts';

type Row = [
  mode: string,
  a: number | undefined,
  b: number | undefined,
  c: number,
  d: number,
  e: number,
  f: number,
];

/**
 * One-way trips from the client's SYN: (a) client handshake done, (b) server handshake done, (c) first data at the
 * server, (d) CONNACK at the client, (e) first PUBLISH at the broker, (f) the same at a subscriber one trip away.
 * Counted by hand off the figures of RFC 5246 §7.3 and RFC 8446 §2, TCP's two trips before them.
 */
const TABLE: Row[] = [
  ['plain', undefined, undefined, 3, 4, 5, 6],
  ['tls12', 6, 5, 7, 8, 9, 10],
  ['mtls12', 6, 5, 7, 8, 9, 10],
  ['tls12-psk', 6, 5, 7, 8, 9, 10],
  ['tls12-psk-ccm8', 6, 5, 7, 8, 9, 10],
  ['tls12-ecdhe-psk', 6, 5, 7, 8, 9, 10],
  ['tls12-dhe-psk', 6, 5, 7, 8, 9, 10],
  ['tls12-resumed-id', 4, 5, 5, 6, 7, 8],
  ['tls12-resumed-ticket', 4, 5, 5, 6, 7, 8],
  ['mtls12-resumed-ticket', 4, 5, 5, 6, 7, 8],
  ['tls13', 4, 5, 5, 6, 7, 8],
  ['tls13-x25519', 4, 5, 5, 6, 7, 8],
  ['tls13-p256', 4, 5, 5, 6, 7, 8],
  ['tls13-mlkem', 4, 5, 5, 6, 7, 8],
  ['tls13-resumed', 4, 5, 5, 6, 7, 8],
  ['mtls13-resumed', 4, 5, 5, 6, 7, 8],
  ['tls13-hrr', 6, 7, 7, 8, 9, 10],
  ['mtls13', 4, 5, 5, 6, 7, 8],
  ['tls13-psk', 4, 5, 5, 6, 7, 8],
];

const COLUMNS = [
  'clientHandshakeDone',
  'serverHandshakeDone',
  'connectReceived',
  'connackReceived',
  'publishReceived',
  'delivered',
] as const satisfies Milestone[];

it('the table has a row for every mode', () => {
  expect(TABLE.map(([mode]) => mode).toSorted()).toEqual(MODES.map(({ name }) => name).toSorted());
});

describe.each(TABLE)('%s', (name, ...trips) => {
  const { theory } = modeNamed(name);
  const [, , c, d, e] = trips;

  it('takes the trips of the table', () => {
    expect(COLUMNS.map((milestone) => tripsTo(theory, milestone))).toEqual(trips);
  });

  it('takes two trips for TCP, and acknowledges by round trips', () => {
    expect(tripsTo(theory, 'tcpAccepted')).toBe(1);
    expect(tripsTo(theory, 'tcpConnected')).toBe(2);
    expect(tripsTo(theory, 'connackSent')).toBe(c);
    expect(tripsTo(theory, 'subackReceived')).toBe(d + 2);
    expect(tripsTo(theory, 'pubackReceived')).toBe(e + 1);
    expect(tripsTo(theory, 'pubrecReceived')).toBe(e + 1);
    expect(tripsTo(theory, 'pubcompReceived')).toBe(e + 3);
  });

  it('has flights that alternate, say what they carry, and name their sources', () => {
    const senders = theory.flights.map(({ from }) => from);
    expect(senders).toEqual(senders.map((_, index) => (index % 2 === 0 ? 'client' : 'broker')));
    expect(theory.flights.every(({ sends }) => sends.length > 0)).toBe(true);
    expect(theory.sources.every((source) => /^(RFC \d+|draft-ietf-|OASIS MQTT)/.test(source))).toBe(true);
  });
});

describe('axes', () => {
  it('a pipelined PUBLISH arrives with CONNECT', () => {
    const { theory } = modeNamed('tls13+pipelined=true');
    expect(tripsTo(theory, 'connectReceived')).toBe(5);
    expect(tripsTo(theory, 'publishReceived')).toBe(5);
    expect(tripsTo(theory, 'delivered')).toBe(6);
    expect(tripsTo(theory, 'pubackReceived')).toBe(6);
    expect(tripsTo(theory, 'pubcompReceived')).toBe(8);
    expect(tripsTo(modeNamed('plain+pipelined=true').theory, 'publishReceived')).toBe(3);
  });

  it.each(['mtls12', 'mtls13'])(
    '%s: a refused client learns it after six trips, and has no CONNACK',
    (name) => {
      const { theory } = modeNamed(`${name}+client=revoked`);
      expect(tripsTo(theory, 'refused')).toBe(6);
      expect(tripsTo(theory, 'connackReceived')).toBeUndefined();
      expect(tripsTo(theory, 'publishReceived')).toBeUndefined();
      expect(tripsTo(theory, 'subackReceived')).toBeUndefined();
      expect(tripsTo(theory, 'connackSent')).toBeUndefined();
    },
  );
});
