import { beforeAll, describe, expect, it } from 'vitest';
import { GROUPS, type Axes } from '../../src/modes/axes.ts';
import { MILESTONE_NAMES } from '../../src/measure/milestones.ts';
import { tripsTo, type Theory } from '../../src/model/theory.ts';
import { mismatches } from '../../src/modes/check.ts';
import { familyNamed, MODE_NAMES, modeNamed, MODES } from '../../src/modes/index.ts';
import type { Mode } from '../../src/modes/mode.ts';
import { axesProblem, modeId } from '../../src/modes/resolve.ts';
import { SUITES } from '../../src/modes/suites.ts';
import { makePki, type Pki } from '../helpers/pki.ts';
import { sharedFolders } from '../helpers/temporary-folder.ts';
import { connectPair } from './tls-pair.ts';

const newFolder = sharedFolders();
let run: Pki;
beforeAll(async () => {
  run = await makePki(newFolder());
});

describe('the name of a mode', () => {
  it.each<[string, Axes, string]>([
    ['tls13', {}, 'tls13'],
    ['tls13', { chain: 3, key: 'rsa-2048' }, 'tls13+key=rsa-2048+chain=3'],
    ['mtls13', { client: 'revoked', crlEntries: 10 }, 'mtls13+crlEntries=10+client=revoked'],
    ['plain', { pipelined: true }, 'plain+pipelined=true'],
    ['tls12', { tickets: false, mqtt: '5' }, 'tls12+tickets=false+mqtt=5'],
    ['plain', { mqtt: '5', pipelined: true }, 'plain+mqtt=5+pipelined=true'],
    ['mtls13', { auth: 'x509', credentials: 'unknown-user' }, 'mtls13+auth=x509+credentials=unknown-user'],
    // Defaults change nothing, not even the name.
    ['tls12', { key: 'ecdsa-p256', chain: 1, padBytes: 0, pipelined: false, clientNoDelay: true }, 'tls12'],
    ['tls13', { tickets: true, mqtt: '3.1.1' }, 'tls13'],
    ['plain', { auth: 'none', credentials: 'valid' }, 'plain'],
  ])('%s with %j is %s, and means the same when it is read', (family, axes, id) => {
    expect(modeId(family, axes)).toBe(id);
    const mode = modeNamed(id);
    expect(mode.name).toBe(id);
    expect(mode.family).toBe(family);
    expect(modeId(mode.family, mode.axes)).toBe(id);
    expect(modeNamed(id)).toBe(mode);
  });

  it('that no family or axis has is refused', () => {
    expect(() => modeNamed('tls11+chain=2')).toThrow(/Expected one of plain, .*got 'tls11'/);
    expect(() => modeNamed('tls13+colour=red')).toThrow(/colour/);
    expect(() => modeNamed('tls13+chain=9')).toThrow(/<=6/);
    expect(() => modeNamed('plain+key=rsa-2048')).toThrow('plain: it has no `key`: there is no TLS');
  });
});

describe('axes that a family does not have', () => {
  it.each<[string, Axes, RegExp]>([
    ['plain', { suite: 'TLS_AES_128_GCM_SHA256' }, /no `suite`: there is no TLS/],
    ['tls13-psk', { chain: 2 }, /no `chain`: nobody shows a certificate/],
    ['tls13', { client: 'expired' }, /no `client`: the client shows no certificate/],
    ['tls12-psk', { group: 'X25519' }, /no `group`: no named group is negotiated/],
    ['mtls13-resumed', { client: 'revoked' }, /no session to resume/],
    ['plain', { tickets: false }, /no `tickets`: there is no TLS/],
    ['plain', { auth: 'x509' }, /`auth` x509 maps .* and the client shows none; the mutual modes/],
    ['tls13-psk', { auth: 'x509' }, /the client shows none/],
    [
      'plain',
      { credentials: 'wrong-password' },
      /where `auth` is password or client-id-and-password, not none/,
    ],
    ['mtls12', { auth: 'x509', credentials: 'wrong-password' }, /not x509/],
    ['tls13', { auth: 'client-id', credentials: 'unknown-user' }, /not client-id/],
    ['tls13', { auth: 'password', credentials: 'unknown-client-id' }, /where `auth` is client-id or/],
    ['mtls13', { client: 'revoked', auth: 'x509', credentials: 'unknown-user' }, /comes to show no/],
    ['tls13-resumed', { tickets: false }, /nothing to resume by/],
    ['mtls12-resumed-ticket', { tickets: false }, /nothing to resume by/],
    ['tls12-resumed-id', { tickets: true }, /would not be resumed by session ID/],
    ['tls12', { key: 'ml-dsa-44' }, /needs TLS 1\.3/],
    ['tls12', { group: 'X25519MLKEM768' }, /needs TLS 1\.3/],
    ['tls13-hrr', { group: 'P-256' }, /the one that the broker refuses/],
    ['tls12', { suite: 'TLS_AES_128_GCM_SHA256' }, /is one of TLSv1\.3/],
    ['tls12', { suite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' }, /is for rsa, not for ecdsa/],
    ['tls13-psk', { suite: 'TLS_AES_256_GCM_SHA384' }, /needs a PSK of SHA-384/],
  ])('%s with %j', (family, axes, problem) => {
    expect(axesProblem(familyNamed(family), axes)).toMatch(problem);
  });

  it('none is at fault by itself', () => {
    for (const name of MODE_NAMES) expect(axesProblem(familyNamed(name), {})).toBeUndefined();
  });
});

/** Connects both ends of a mode; the reasons for which the connection would be excluded. */
async function reasons(id: string): Promise<string[]> {
  const mode = modeNamed(id);
  const { client, broker, echoed, clientError } = await connectPair({
    broker: { mode, material: run.broker },
    client: { mode, material: run.client },
  });
  expect(clientError).toBeUndefined();
  expect(echoed).toBe(true);
  const expected = { ...mode.expected, brokerNoDelay: true };
  return [
    ...mismatches(expected, 'client', client ?? {}),
    ...mismatches(expected, 'broker', broker ?? {}),
  ].map(({ detail }) => detail);
}

describe('session tickets of TLS 1.2', () => {
  const full = MODES.filter(({ security, resumption }) => security?.protocol === 'TLSv1.2' && !resumption);
  const through = async (broker: Mode, client: Mode) => {
    const materials = { broker: run.broker, client: run.client };
    return (
      await connectPair({
        broker: { mode: broker, material: materials.broker },
        client: { mode: client, material: materials.client },
      })
    ).client;
  };

  it.each(full.map(({ name }) => name))('%s: none is issued when none is asked for', async (name) => {
    const without = modeNamed(`${name}+tickets=false`);
    expect(await reasons(without.name)).toEqual([]);
    // What is held against it is a broker that issues one all the same.
    const client = await through(modeNamed(name), without);
    expect(client?.ticket).toBe(true);
    const expected = { ...without.expected, brokerNoDelay: true };
    expect(mismatches(expected, 'client', client ?? {}).map(({ reason }) => reason)).toEqual([
      'mismatch:client.ticket',
    ]);
  });

  it('leave the flights with their axis, and trips are what they were', () => {
    for (const { name, theory } of MODES.filter(({ security, resumption }) => security && !resumption)) {
      const without = modeNamed(`${name}+tickets=false`).theory;
      const messages = ({ flights }: Theory): string[] => flights.flatMap(({ sends }) => sends);
      expect(messages(theory)).toContain('NewSessionTicket');
      expect(messages(without)).toEqual(messages(theory).filter((message) => message !== 'NewSessionTicket'));
      for (const milestone of MILESTONE_NAMES)
        expect(tripsTo(without, milestone)).toBe(tripsTo(theory, milestone));
    }
  });
});

describe('what is asked for is negotiated', () => {
  const ways = {
    any: 'tls13',
    ecdsa: 'tls12',
    psk: 'tls12-psk',
    'ecdhe-psk': 'tls12-ecdhe-psk',
    'dhe-psk': 'tls12-dhe-psk',
  };
  const suites = SUITES.filter(({ authentication }) => authentication in ways);

  it.each(suites)('suite $name', async ({ name, authentication }) => {
    const family = ways[authentication as keyof typeof ways];
    expect(await reasons(modeId(family, { suite: name }))).toEqual([]);
  });

  it.each(GROUPS)('group %s', async (group) => {
    const families = group.includes('MLKEM') ? ['tls13'] : ['tls13', 'tls12'];
    for (const family of families) expect(await reasons(modeId(family, { group }))).toEqual([]);
  });
});
