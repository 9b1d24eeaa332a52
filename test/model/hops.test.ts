import { describe, expect, it } from 'vitest';
import type { Milestone } from '../../src/measure/milestones.ts';
import { hopFlights, hopTripsMs, hopTripsTo, type PathTheory } from '../../src/model/hops.ts';
import { modeNamed } from '../../src/modes/index.ts';

const LINKS = { outer: { upMs: 34, downMs: 34 }, inner: { upMs: 5, downMs: 5 } };

function split(inner: string, warm = false): PathTheory {
  return { kind: 'split', inner: modeNamed(inner).theory, warm };
}

function trips(path: PathTheory, mode: string, milestone: Milestone = 'connectReceived', links = LINKS) {
  const found = hopTripsTo(path, modeNamed(mode).theory, milestone, links);
  return found && [found.outer, found.inner];
}

describe('hopTripsTo', () => {
  /** Counted by hand: the hop dials when its side is done, which in full TLS 1.2 is two trips before CONNECT is there. */
  it.each([
    ['tls13', 'plain', 5, 3],
    ['mtls13', 'plain', 5, 3],
    ['tls13-psk', 'plain', 5, 3],
    ['tls12-resumed-ticket', 'plain', 5, 3],
    ['tls13-hrr', 'plain', 7, 3],
    ['tls12', 'plain', 7, 1],
    ['tls12-psk', 'plain', 7, 1],
    ['tls13', 'tls13', 5, 5],
    ['tls13', 'tls12', 5, 7],
    ['tls12', 'tls12', 7, 1],
    ['tls12', 'tls13', 7, 1],
  ])('%s in front of a hop that dials %s when it is done: %i + %i', (outer, inner, over, behind) => {
    expect(trips(split(inner), outer)).toEqual([over, behind]);
    // With a connection that is ready CONNECT has one trip left, whatever the modes.
    expect(trips(split(inner, true), outer)).toEqual([over, 1]);
  });

  it('a client that is refused after CONNECT is refused by the broker behind the hop', () => {
    expect(trips(split('plain'), 'tls13+auth=password+credentials=wrong-password', 'refused')).toEqual([
      6, 4,
    ]);
    expect(trips(split('plain'), 'mtls13+client=expired', 'refused')).toEqual([6, 0]);
  });

  it('waits for the dialling where that takes longer than what the client still has to say', () => {
    const near = { outer: { upMs: 0.1, downMs: 0.1 }, inner: LINKS.inner };
    expect(trips(split('plain'), 'tls12', 'connectReceived', near)).toEqual([5, 3]);
    expect(trips(split('tls12'), 'tls12', 'connectReceived', near)).toEqual([5, 7]);
    // Six trips of 12 ms behind the hop are longer than two of 34 in front of it.
    const far = { ...LINKS, inner: { upMs: 12, downMs: 12 } };
    expect(trips(split('tls12'), 'tls12', 'connectReceived', far)).toEqual([5, 7]);
  });

  it('leaves what is between client and hop to the outer link, and has everything after first data cross both', () => {
    const of = (milestone: Milestone) => trips(split('plain'), 'tls13', milestone);
    expect(of('tcpConnected')).toEqual([2, 0]);
    expect(of('clientHandshakeDone')).toEqual([4, 0]);
    expect(of('serverHandshakeDone')).toEqual([5, 0]);
    expect(of('connackSent')).toEqual([5, 3]);
    expect(of('connackReceived')).toEqual([6, 4]);
    expect(of('publishReceived')).toEqual([7, 5]);
    expect(of('delivered')).toEqual([8, 6]);
    expect(of('pubcompReceived')).toEqual([10, 8]);
    expect(trips(split('plain'), 'mtls13+client=revoked', 'refused')).toEqual([6, 0]);
    expect(trips(split('plain'), 'mtls13+client=revoked')).toBeUndefined();
  });

  it('has every packet cross both links of a way through, after what a tunnel needs to be up', () => {
    expect(trips({ kind: 'through', before: 0 }, 'tls12')).toEqual([7, 7]);
    expect(trips({ kind: 'through', before: 2 }, 'plain')).toEqual([5, 3]);
    expect(trips({ kind: 'through', before: 2 }, 'plain', 'connackReceived')).toEqual([6, 4]);
  });

  it('leaves the inner link to the subscribers where it is theirs alone', () => {
    const of = (milestone: Milestone) => trips({ kind: 'aside' }, 'tls13', milestone);
    expect(of('connectReceived')).toEqual([5, 0]);
    expect(of('pubackReceived')).toEqual([8, 0]);
    // PUBLISH is there after seven, and one more leads inside.
    expect(of('delivered')).toEqual([7, 1]);
  });

  it('has a reset come back from the router of a closed port, and nothing where it is silent', () => {
    expect(trips({ kind: 'closed', answered: true }, 'tls13', 'refused')).toEqual([2, 0]);
    expect(trips({ kind: 'closed', answered: true }, 'tls13')).toBeUndefined();
    expect(trips({ kind: 'closed', answered: false }, 'plain', 'refused')).toBeUndefined();
  });

  it('takes the delays of each direction', () => {
    const uneven = { outer: { upMs: 40, downMs: 20 }, inner: { upMs: 3, downMs: 1 } };
    // Three up and two down outside, two up and one down inside.
    expect(hopTripsMs({ outer: 5, inner: 3 }, uneven)).toBe(3 * 40 + 2 * 20 + 2 * 3 + 1);
  });
});

describe('hopFlights', () => {
  const of = (path: PathTheory, mode: string): string[] =>
    hopFlights(path, modeNamed(mode).theory, LINKS).map(
      ({ from, to, sends, departs }) =>
        `${departs.outer}+${departs.inner} ${from}>${to} ${sends.join(', ').replace(/ServerHello.*/, 'ServerHello …')}`,
    );

  it('has CONNECT wait for the handshake behind the hop, and leave with its end', () => {
    expect(of(split('tls13'), 'tls13').slice(4)).toEqual([
      '4+0 client>hop Finished, CONNECT',
      '5+0 hop>broker SYN',
      '5+1 broker>hop SYN-ACK',
      '5+2 hop>broker ClientHello (key share)',
      '5+3 broker>hop ServerHello …',
      '5+4 hop>broker Finished, CONNECT',
    ]);
  });

  it('has that handshake done, and CONNECT leave by itself, where the client’s own takes longer', () => {
    expect(of(split('tls13'), 'tls12').slice(-3)).toEqual([
      '5+3 broker>hop ServerHello …',
      '5+4 hop>broker Finished',
      '7+0 hop>broker CONNECT',
    ]);
    expect(of(split('tls13', true), 'tls12').slice(-2)).toEqual([
      '6+0 client>hop CONNECT',
      '7+0 hop>broker CONNECT',
    ]);
  });

  it('has all of them cross both links of a way through, behind the messages of its tunnel', () => {
    expect(of({ kind: 'through', before: 2 }, 'plain')).toEqual([
      '0+0 client>hop tunnel handshake',
      '1+0 hop>client tunnel handshake',
      '2+0 client>broker SYN',
      '3+1 broker>client SYN-ACK',
      '4+2 client>broker CONNECT',
    ]);
  });
});
