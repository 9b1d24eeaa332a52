import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { reportTerminal } from '../../src/report/terminal.ts';
import { fixture } from './fixture.ts';
import { hostile, variant, VARIANTS } from './variants.ts';

/** A stream that is no terminal, as in a pipe. */
const pipe = (): NodeJS.WritableStream => new PassThrough();

/** A stream that says of itself what a colour terminal's says. */
function terminal(): NodeJS.WritableStream {
  const getColorDepth = (env?: object): number =>
    WriteStream.prototype.getColorDepth.call(undefined as never, env);
  return Object.assign(new PassThrough(), { isTTY: true, getColorDepth });
}

beforeEach(() => {
  // What whoever runs the tests has set must not colour them.
  for (const name of ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS']) vi.stubEnv(name, undefined);
  vi.stubEnv('TERM', 'xterm-256color');
});
afterEach(() => vi.unstubAllEnvs());

describe.each(Object.entries(VARIANTS))('the terminal summary of results that are: %s', (name, make) => {
  test('has no hole, and is at most 100 columns wide', () => {
    const text = reportTerminal(make(), pipe());
    expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    // Words that long are the names' own doing.
    if (name === 'hostile' || name === 'twenty modes') return;
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});

test('the whole summary of the reference case', () => {
  expect(reportTerminal(fixture(), pipe())).toMatchInlineSnapshot(`
    "What do TLS 1.2 and TLS 1.3 cost before the broker holds the first byte, at 34 ms one way?

    At 34 ms one way the broker holds the first byte after 172.2 ms with tls13 (5 trips) and 241.0 ms
    with tls12 (7 trips): tls12 costs 68.7 ms more, one round trip.
    Plain TCP takes 102.4 ms (3 trips); security adds 69.1 ms (tls13-psk) to 140.3 ms (mtls12). Trips at
    the measured one-way delay (34.06 ms up, 34.05 ms down) explain every median to within 4.32 ms
    (mtls12); the rest is compute, bytes and scheduling. Medians of 200 connections each, from the
    client’s intended start to the broker’s first byte of CONNECT.

    reference: 34 ms one way
    mode       trips  predicted     p50     p95  residual  null  inferred  n/attempted
                             ms      ms      ms        ms   p50     trips
                                                             ms
    plain          3     102.17  102.36  102.54     +0.19  0.36      3.00    200 / 200
    tls12          7     238.39  240.95  242.27     +2.56  2.93      7.00    200 / 200
    tls13          5     170.28  172.23  173.38     +1.95  2.20      5.00    200 / 200
    tls12-psk      7     238.39  239.46  239.87     +1.07  1.48      7.00    200 / 200
    tls13-psk      5     170.28  171.44  172.20     +1.16  1.45      5.00    200 / 200
    mtls12         7     238.39  242.71  245.08     +4.32  4.73      7.00    200 / 200
    mtls13         5     170.28  173.60  175.96     +3.32  3.62      5.00    200 / 200

    All 7 modes take the trips of theory, to first data and to CONNACK.

    Warning: The client’s TCP connect is modelled by the proxy, not measured."
  `);
});

test('the whole summary of a load', () => {
  expect(reportTerminal(VARIANTS['load alone']?.() ?? fixture(), pipe())).toMatchInlineSnapshot(`
    "What do TLS 1.2 and TLS 1.3 cost before the broker holds the first byte, at 34 ms one way?

    At 34 ms one way, with 200 messages a second asked for, every message reached every subscriber; the
    median message took 69.3 ms (tls13) from its intended time to its subscriber.
    Medians of 2,000 deliveries, measured.

    reference: 34 ms one way
    mode   asked   sent  received  lost   late    p50    p95    p99  slowest
           msg/s  msg/s     msg/s        sends     ms     ms     ms       ms
    tls13  200.0  200.0     198.8     0      3  69.34  71.68  73.95   101.33

    Warning: The client’s TCP connect is modelled by the proxy, not measured."
  `);
});

test('problems come before the answer, few of the warnings after the table', () => {
  const results = variant({ modes: ['tls13'], links: { reference: 34 } }, (draft) => {
    draft.complete = false;
    draft.incompleteBecause = 'the broker died';
    draft.warnings = ['one', 'two', 'three', 'four', 'five'];
  });
  const text = reportTerminal(results, pipe());
  expect(text.indexOf('! The run did not finish: the broker died.')).toBeLessThan(
    text.indexOf('At 34 ms one way'),
  );
  expect(text.split('\n\n').slice(-4)).toEqual([
    'Warning: one',
    'Warning: two',
    'Warning: three',
    '2 more warnings in the report.',
  ]);
});

test('a pipe gets no colours, a terminal does, NO_COLOR takes them away', () => {
  // In a CI that it does not know, Node takes no terminal to have colours.
  vi.stubEnv('CI', undefined);
  vi.stubEnv('TERM', 'xterm-256color');
  const plain = reportTerminal(fixture(), pipe());
  const coloured = reportTerminal(fixture(), terminal());
  expect(stripVTControlCharacters(plain)).toBe(plain);
  expect(coloured).not.toBe(plain);
  expect(stripVTControlCharacters(coloured)).toBe(plain);
  vi.stubEnv('NO_COLOR', '1');
  expect(reportTerminal(fixture(), terminal())).toBe(plain);
});

test('hostile names cannot steer the terminal', () => {
  const text = reportTerminal(hostile(), pipe());
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});
