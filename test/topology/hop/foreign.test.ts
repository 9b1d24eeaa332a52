import { expect, test } from 'vitest';
import { modeNamed } from '../../../src/modes/index.ts';
import type { HopPassage } from '../../../src/topology/hop-passage.ts';
import type { LogReader } from '../../../src/topology/hop/foreign.ts';
import { haproxyHop, haproxyPassages } from '../../../src/topology/hop/haproxy.ts';
import { nginxHop, nginxPassages } from '../../../src/topology/hop/nginx.ts';
import { stunnelHop, stunnelPassages } from '../../../src/topology/hop/stunnel.ts';

test.each([haproxyHop, nginxHop])(
  '$name dials TLS 1.3 in no group that would cost a HelloRetryRequest',
  (hop) => {
    for (const mode of ['tls13+group=P-384', 'tls13-p256', 'mtls13+group=X448', 'tls13-hrr'])
      expect(hop.cannotDial(modeNamed(mode))).toMatch(/would offer X25519, not (P-|X448)/);
    // In TLS 1.2 the broker chooses a group before there is a key share.
    for (const mode of ['tls13', 'mtls13', 'tls12', 'tls12+group=P-384'])
      expect(hop.cannotDial(modeNamed(mode))).toBeUndefined();
  },
);

function passagesIn(read: LogReader, lines: string[]): HopPassage[] {
  return lines.map((line) => read(line)).filter((passage) => passage !== undefined);
}

const PASSAGE = {
  client: { host: '198.18.1.2', port: 40_000, dialledPort: 8443 },
  local: { host: '198.18.2.1', port: 50_000, dialledPort: 8883 },
};

test('HAProxy’s log tells whose connection is passed on, and nothing of one that never came to be', () => {
  expect(
    passagesIn(haproxyPassages(), [
      'passage 198.18.1.2:40000 8443 198.18.2.1:50000 8883',
      'passage 198.18.1.2:40001 8443 -:0 8883',
      '[WARNING]  (1) : passage 198.18.1.2:40000 8443 198.18.2.1:50000 8883',
    ]),
  ).toEqual([PASSAGE]);
});

test('nginx’ log tells it by the number of the connection', () => {
  const at = '2026/11/29 10:40:31 [info] 261#261:';
  expect(
    passagesIn(nginxPassages(), [
      `${at} *59 client 198.18.1.2:40000 connected to 198.18.1.1:8443`,
      `${at} *61 client 198.18.1.2:40002 connected to 198.18.1.1:8443`,
      `${at} *63 proxy 198.18.2.1:50001 connected to 198.18.2.2:8883`,
      `${at} *59 proxy 198.18.2.1:50000 connected to 198.18.2.2:8883`,
    ]),
  ).toEqual([PASSAGE]);
});

const STUNNEL = {
  came: 'LOG5[7]: Service [lane-0] accepted connection from 198.18.1.2:40000',
  dialled: 'LOG5[7]: Service [lane-0] connected remote server from 127.0.0.1:45000',
  cameInside: 'LOG5[8]: Service [lane-0-inner] accepted connection from 127.0.0.1:45000',
  dialledInside: 'LOG5[8]: Service [lane-0-inner] connected remote server from 198.18.2.1:50000',
};

test.each([
  [STUNNEL.came, STUNNEL.dialled, STUNNEL.cameInside, STUNNEL.dialledInside],
  [STUNNEL.came, STUNNEL.cameInside, STUNNEL.dialledInside, STUNNEL.dialled],
  [STUNNEL.came, STUNNEL.cameInside, STUNNEL.dialled, STUNNEL.dialledInside],
])('stunnel’s log tells it of its two services together, in whatever order they speak (%#)', (...lines) => {
  const read = stunnelPassages([
    { listen: { host: '198.18.1.1', port: 8443 }, target: { host: '198.18.2.2', port: 8883 } },
  ]);
  expect(
    passagesIn(
      read,
      lines.map((line) => `2026.11.29 10:40:31 ${line}`),
    ),
  ).toEqual([PASSAGE]);
});

test('stunnel is told the group', () => {
  expect(stunnelHop.cannotDial(modeNamed('tls13+group=P-384'))).toBeUndefined();
});
