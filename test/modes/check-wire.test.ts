import { beforeAll, expect, it } from 'vitest';
import { wireMismatches } from '../../src/modes/check-wire.ts';
import { MODES, modeNamed } from '../../src/modes/index.ts';
import type { TlsWire } from '../../src/measure/tls-wire.ts';
import { groupName } from '../../src/lab/wire.ts';
import { recordMode, tapped } from '../link/tap/recording.ts';
import { makePki } from '../helpers/pki.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';

const NAMES = MODES.filter(({ resumption }) => resumption === undefined).map(({ name }) => name);

const folder = sharedFolders();
const wires = new Map<string, TlsWire | undefined>();

beforeAll(async () => {
  const pki = await makePki(folder());
  for (const name of NAMES) {
    const mode = modeNamed(name);
    const wire =
      mode.expected.protocol === undefined ? undefined : tapped((await recordMode(mode, pki)).chunks);
    wires.set(name, wire?.group === undefined ? wire : { ...wire, group: groupName(wire.group) });
  }
});

function reasons(asked: string, got: string): string[] {
  return wireMismatches(modeNamed(asked).expected, wires.get(got)).map(({ reason }) =>
    reason.replace('mismatch:broker.', ''),
  );
}

it.each(NAMES)('%s is what the wire shows of it, and no other', (name) => {
  expect(reasons(name, name)).toEqual([]);
  const alike = NAMES.filter((other) => other !== name && reasons(name, other).length === 0);
  // TLS 1.3 hides certificates, and with them whether the client had one.
  const { expected } = modeNamed(name);
  for (const other of alike) {
    expect(modeNamed(other).expected).toMatchObject({
      protocol: 'TLSv1.3',
      suite: expected.suite,
      group: expected.group,
      psk: expected.psk,
    });
  }
});

it('names what differs', () => {
  expect(reasons('tls13', 'tls12')).toContain('protocol');
  expect(reasons('plain', 'tls12')).toContain('protocol');
  expect(reasons('tls12', 'plain')).toEqual(['protocol']);
  expect(reasons('mtls12', 'tls12')).toEqual(['clientCertificate']);
  expect(reasons('tls13-psk', 'tls13')).toEqual(['psk']);
  expect(reasons('tls13', 'tls13-psk')).toEqual(['resumed']);
  expect(reasons('tls12-resumed-ticket', 'tls12')).toContain('resumed');
  expect(reasons('tls13-resumed', 'tls13')).toContain('resumed');
  expect(reasons('tls13-p256', 'tls13')).toContain('group');
  expect(reasons('tls13-hrr', 'tls13')).toContain('helloRetryRequest');
});

it('asks nothing of what was not seen', () => {
  const { expected } = modeNamed('mtls12');
  expect(wireMismatches(expected, { records: [], handshake: {}, incomplete: 'hole' })).toEqual([]);
  expect(wireMismatches(expected, { records: [], handshake: {}, version: 'TLSv1.3' })).toHaveLength(1);
});
