import { describe, expect, it } from 'vitest';
import { modeNamed } from '../../src/modes/index.ts';
import { flightRows } from '../../src/results/flights.ts';
import { sampleWith } from '../helpers/samples.ts';
import { LATE_MS, LINKS, PATHS, sampleOf } from '../report/behind.ts';

const LINK = { upMs: 34, downMs: 34 };

describe('flightRows', () => {
  it('predicts the reference case row by row: TLS 1.2', () => {
    const rows = flightRows([], modeNamed('tls12').theory, LINK, false);
    expect(rows.map(({ from, what, predictedMs }) => [from, what, predictedMs])).toEqual([
      ['client', 'SYN leaves', 0],
      ['broker', 'SYN-ACK leaves', 34],
      ['client', 'ClientHello leaves', 68],
      ['broker', 'ServerHello, Certificate, ServerKeyExchange, ServerHelloDone leave', 102],
      ['client', 'ClientKeyExchange, ChangeCipherSpec, Finished leave', 136],
      ['broker', 'NewSessionTicket, ChangeCipherSpec, Finished leave', 170],
      ['client', 'CONNECT leaves', 204],
      ['broker', 'the broker holds the first byte of CONNECT', 238],
    ]);
  });

  it('predicts the reference case row by row: TLS 1.3', () => {
    const rows = flightRows([], modeNamed('tls13').theory, LINK, false);
    expect(rows.map(({ trips, predictedMs }) => [trips, predictedMs])).toEqual([
      [0, 0],
      [1, 34],
      [2, 68],
      [3, 102],
      [4, 136],
      [5, 170],
    ]);
    expect(rows.map(({ what }) => what).slice(-2)).toEqual([
      'Finished, CONNECT leave',
      'the broker holds the first byte of CONNECT',
    ]);
  });

  it('sets the medians of what was measured beside it', () => {
    const samples = [1, 2, 9].map((extra) =>
      sampleWith({
        startLateMs: extra / 10,
        milestonesMs: { tcpAccepted: 34 + extra, connectReceived: 170 + extra },
        flights: [
          { from: 'client', leavesMs: 68 + extra, bytes: 238 },
          { from: 'broker', leavesMs: 102 + extra, bytes: 900 + extra },
          { from: 'client', leavesMs: 136 + extra, bytes: 100 },
        ],
      }),
    );
    const rows = flightRows(samples, modeNamed('tls13').theory, LINK, true);
    expect(rows.map(({ measuredMs, bytes, count }) => [measuredMs, bytes, count])).toEqual([
      [0.2, undefined, 3],
      [36, undefined, 3],
      [70, 238, 3],
      [104, 902, 3],
      [138, 100, 3],
      [172, undefined, 3],
    ]);
    // The emulator stands in for the TCP handshake, and so for when the first flight after it leaves.
    expect(rows.map(({ source }) => source)).toEqual([
      'measured',
      'measured',
      'modelled',
      'measured',
      'measured',
      'measured',
    ]);
  });

  it('leaves out what came from the other end than theory says, rather than mistake it', () => {
    const odd = sampleWith({ flights: [{ from: 'broker', leavesMs: 68, bytes: 1 }] });
    const [, , hello] = flightRows([odd], modeNamed('tls13').theory, LINK, false);
    expect(hello).toMatchObject({ count: 0 });
    expect(hello).not.toHaveProperty('measuredMs');
  });

  it('predicts a row with the bytes that went before it at the link’s rate', () => {
    const samples = [
      sampleWith({
        flights: [
          { from: 'client', leavesMs: 120, bytes: 238 },
          { from: 'broker', leavesMs: 190, bytes: 900 },
          { from: 'client', leavesMs: 320, bytes: 100 },
        ],
      }),
    ];
    const narrow = { ...LINK, rateUpKbit: 80, rateDownKbit: 80 };
    const rows = flightRows(samples, modeNamed('tls13').theory, narrow, false);
    // Ten bytes a millisecond; SYN and SYN-ACK have 60, the ClientHello an acknowledgement before it.
    const ms = [0, 6, 6, (52 + 238 + 52) / 10, (900 + 52) / 10, (100 + 52) / 10];
    let sum = 0;
    for (const [index, row] of rows.entries()) {
      sum += ms[index] ?? 0;
      expect(row.predictedMs).toBeCloseTo(34 * index + sum, 9);
    }
  });
});

describe('flightRows behind a hop', () => {
  const rowsOf = (topology: keyof typeof PATHS, mode: string): (string | number | undefined)[][] => {
    const path = PATHS[topology];
    const rows = flightRows([sampleOf(mode, path)], modeNamed(mode).theory, LINKS.outer, false, {
      path,
      inner: LINKS.inner,
    });
    return rows.map(({ from, to, what, predictedMs, measuredMs }) => [
      to === undefined ? from : `${from}>${to}`,
      what,
      predictedMs,
      measuredMs,
    ]);
  };

  it('has a cold tunnel begin with its own first flight, and says of no SYN when it left', () => {
    expect(rowsOf('cold-tunnel', 'plain')).toEqual([
      ['client>hop', 'tunnel handshake leaves', 0, LATE_MS],
      ['hop>client', 'tunnel handshake leaves', 34, undefined],
      ['client>broker', 'SYN leaves', 68, undefined],
      ['broker>client', 'SYN-ACK leaves', 107, undefined],
      ['client>broker', 'CONNECT leaves', 146, undefined],
      ['broker', 'the broker holds the first byte of CONNECT', 185, 186],
    ]);
  });

  it('has the SYN begin where no tunnel is raised', () => {
    expect(rowsOf('firewall', 'plain')).toEqual([
      ['client>broker', 'SYN leaves', 0, LATE_MS],
      // The outer link sees it as it passes the router, later than it left.
      ['broker>client', 'SYN-ACK leaves', 39, undefined],
      ['client>broker', 'CONNECT leaves', 78, 79],
      ['broker', 'the broker holds the first byte of CONNECT', 117, 118],
    ]);
    expect(rowsOf('dmz', 'plain')).toEqual([
      ['client>broker', 'SYN leaves', 0, LATE_MS],
      ['broker>client', 'SYN-ACK leaves', 34, 35],
      ['client>broker', 'CONNECT leaves', 68, 69],
      ['broker', 'the broker holds the first byte of CONNECT', 102, 103],
    ]);
  });

  it('has both connections of a hop that ends the client’s', () => {
    expect(rowsOf('terminated', 'tls13').slice(4)).toEqual([
      ['client>hop', 'Finished, CONNECT leave', 136, 137],
      ['hop>broker', 'SYN leaves', 170, 171],
      ['broker>hop', 'SYN-ACK leaves', 175, 176],
      ['hop>broker', 'CONNECT leaves', 180, 181],
      ['broker', 'the broker holds the first byte of CONNECT', 185, 186],
    ]);
  });

  it.each(['plain', 'tls12', 'tls13'])('ends %s at a closed port with the refusal', (mode) => {
    expect(rowsOf('rejects', mode)).toEqual([
      ['client>hop', 'SYN leaves', 0, LATE_MS],
      ['hop>client', 'TCP RST leaves', 34, undefined],
      ['client', 'the client learns that it is refused', 68, 69],
    ]);
    // Nobody answers, so theory has nothing to say of what comes next.
    expect(rowsOf('drops', mode)).toEqual([['client>hop', 'SYN leaves', 0, LATE_MS]]);
  });
});
