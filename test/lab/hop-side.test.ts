import { expect, test } from 'vitest';
import { innerMismatches } from '../../src/lab/hop-side.ts';
import type { TlsWire } from '../../src/measure/tls-wire.ts';
import { flowWith } from '../helpers/samples.ts';

const HOP = { ending: { tells: false, warm: false }, innerMode: 'tls13', record: undefined };
const TLS13: TlsWire = {
  version: 'TLSv1.3',
  suite: 'TLS_AES_128_GCM_SHA256',
  group: 'x25519',
  helloRetryRequest: false,
  records: [],
  handshake: {},
};

test('of a hop and a broker that tell nothing, the wire between them is judged', () => {
  const of = (tls: TlsWire): string[] =>
    innerMismatches(HOP, undefined, flowWith({ tls }), true).map(({ reason }) => reason);
  expect(of(TLS13)).toEqual([]);
  expect(of({ ...TLS13, version: 'TLSv1.2' })).toContain('mismatch:inner.broker.protocol');
  expect(of({ ...TLS13, helloRetryRequest: true })).toEqual(['mismatch:inner.broker.helloRetryRequest']);
});

test('what nobody saw of it is not judged', () => {
  expect(innerMismatches(HOP, undefined, undefined, true)).toEqual([]);
});
