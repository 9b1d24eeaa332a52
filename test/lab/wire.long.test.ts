import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { groupName, wireFacts } from '../../src/lab/wire.ts';
import type { BackendName } from '../../src/link/backend.ts';
import { resolveLink } from '../../src/link/spec.ts';
import type { Sample } from '../../src/measure/sample.ts';
import { RECORD_HEADER_BYTES } from '../../src/link/tap/record-reader.ts';
import type { TlsWire } from '../../src/measure/tls-wire.ts';
import { MODES } from '../../src/modes/index.ts';
import { sortSamples } from '../../src/results/cell.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { wireOf } from '../../src/results/wire.ts';
import { measure, scenarioWith } from '../helpers/runs.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { hasTun } from '../helpers/tun.ts';

const ROUNDS = 4;
const here = await hasTun();

/** Every mode over one link of 2 ms, or none: all samples, and the cells by mode. */
async function runModes(
  backend: BackendName,
  oneWayMs: number,
): Promise<{ samples: Sample[]; cells: Map<string, CellResult> }> {
  const scenario = scenarioWith({
    modes: MODES.map(({ name }) => name),
    links: [resolveLink({ name: 'near', oneWayMs })],
    rounds: ROUNDS,
    seed: 2,
  });
  const { results, samples } = await measure(scenario, join(temporaryFolder(), 'run'), { backend });
  return {
    samples,
    cells: new Map(results.cells.map((cell) => [cell.mode, cell])),
  };
}

/** Bytes of an end's messages with the headers of its records. */
function summed(tls: Sample['tls'], from: 'client' | 'broker', records = 0): number {
  const mine = (tls?.messages ?? []).filter((message) => message.from === from);
  return mine.reduce((sum, { bytes }) => sum + bytes, records * RECORD_HEADER_BYTES);
}

test.each(here ? (['tun', 'proxy'] as const) : (['proxy'] as const))(
  'over %s the wire agrees with the sockets’ counters to the byte, in every mode',
  async (backend) => {
    const { samples, cells } = await runModes(backend, 2);
    expect(samples).toHaveLength(MODES.length * (ROUNDS + 1));
    expect(cells.get('plain')).not.toHaveProperty('wire');
    for (const { cell, outcome } of samples) expect([cell, outcome]).toEqual([cell, { status: 'ok' }]);
    const isPlain = ({ cell }: Sample): boolean => cell.startsWith('plain/');
    for (const { tls } of samples.filter(isPlain)) expect(tls).toBeUndefined();
    for (const { cell, bytes, tls, negotiated } of samples.filter((sample) => !isPlain(sample))) {
      expect([cell, tls?.handshakeUp, tls?.handshakeDown]).toEqual([
        cell,
        bytes?.handshakeUp,
        bytes?.handshakeDown,
      ]);
      expect(summed(tls, 'client', tls?.recordsUp)).toBe(tls?.handshakeUp);
      expect(summed(tls, 'broker', tls?.recordsDown)).toBe(tls?.handshakeDown);
      // What both ends say of themselves, and the broker's group, which Node does not tell.
      expect(tls).toMatchObject({ version: negotiated.client?.protocol, suite: negotiated.client?.suite });
      expect(negotiated.broker?.group).toBe(negotiated.client?.group);
      const retried = cell.startsWith('tls13-hrr/');
      for (const end of [negotiated.client, negotiated.broker]) expect(end?.helloRetryRequest).toBe(retried);
    }
    for (const { id, wire } of cells.values()) {
      // Disturbed ones too: what is sent hangs on no machine.
      const { attempts } = sortSamples(samples.filter(({ cell }) => cell === id));
      expect(attempts).toHaveLength(ROUNDS);
      expect(wire).toEqual(wireOf(attempts));
    }
  },
);

test('without a link nobody looks at the wire, and nothing is told of it', async () => {
  const { samples, cells } = await runModes('none', 0);
  for (const { tls, negotiated, outcome } of samples) {
    expect(outcome).toEqual({ status: 'ok' });
    expect(tls).toBeUndefined();
    expect(negotiated.client).not.toHaveProperty('helloRetryRequest');
    expect(negotiated.broker).not.toHaveProperty('group');
  }
  for (const cell of cells.values()) expect(cell).not.toHaveProperty('wire');
});

describe('the facts of a sample', () => {
  const wire: TlsWire = {
    records: [
      { from: 'client', record: 'handshake', bytes: 105, messages: [{ name: 'ClientHello', bytes: 100 }] },
      { from: 'broker', record: 'change_cipher_spec', bytes: 6 },
      { from: 'broker', record: 'application_data', bytes: 271, count: 2 },
      { from: 'client', record: 'alert', bytes: 7 },
    ],
    handshake: { down: { bytes: 548, records: 3 } },
    group: 'secp256r1',
    helloRetryRequest: true,
  };

  it('have a message for each that was merged, and bytes without headers', () => {
    expect(wireFacts(wire)).toEqual({
      group: 'secp256r1',
      helloRetryRequest: true,
      handshakeDown: 548,
      recordsDown: 3,
      messages: [
        { from: 'client', name: 'ClientHello', bytes: 100 },
        { from: 'broker', name: 'ChangeCipherSpec', bytes: 1 },
        { from: 'broker', name: 'encrypted', bytes: 266 },
        { from: 'broker', name: 'encrypted', bytes: 266 },
        { from: 'client', name: 'Alert', bytes: 2 },
      ],
    });
  });

  it.each([
    ['x25519', 'X25519'],
    ['secp256r1', 'P-256'],
    ['secp384r1', 'P-384'],
    ['X25519MLKEM768', 'X25519MLKEM768'],
  ])('name the group %s as the modes do: %s', (group, name) => expect(groupName(group)).toBe(name));
});
