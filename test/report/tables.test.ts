import { expect, test } from 'vitest';
import { MILESTONE_NAMES } from '../../src/measure/milestones.ts';
import { handshakeGroups } from '../../src/report/groups.ts';
import { ladderTable, referenceTable, summaryTable, type Table } from '../../src/report/tables.ts';
import { fixture } from './fixture.ts';
import { variant } from './variants.ts';

/** A table by its columns, so that a figure is looked for under its name. */
function records({ columns, rows }: Table): Record<string, string>[] {
  return rows.map(({ cells }) =>
    Object.fromEntries(columns.map(({ title }, index) => [title, cells[index] ?? ''])),
  );
}

/** The number that a cell shows; NaN where it shows none. */
function figure(text: string | undefined): number {
  return Number((text ?? '').replace('−', '-').replaceAll(',', '') || Number.NaN);
}

test('every figure of the summary is the figure of the results', () => {
  const [group] = handshakeGroups(fixture());
  const rows = group === undefined ? [] : records(summaryTable(group));
  expect(rows).toHaveLength(7);
  for (const [index, row] of rows.entries()) {
    const cell = group?.cells[index];
    const [data, trips] = [cell?.milestones.connectReceived, cell?.trips.connectReceived];
    expect(row['mode']).toBe(cell?.mode);
    expect(figure(row['trips'])).toBe(trips?.predicted);
    expect(figure(row['predicted ms'])).toBeCloseTo(trips?.predictedMs ?? 0, 2);
    expect(figure(row['p50 ms'])).toBeCloseTo(data?.p50Ms ?? 0, 2);
    expect(figure(row['95 % interval']?.split(' – ')[0])).toBeCloseTo(data?.p50LowMs ?? 0, 2);
    expect(figure(row['95 % interval']?.split(' – ')[1])).toBeCloseTo(data?.p50HighMs ?? 0, 2);
    expect(figure(row['p95 ms'])).toBeCloseTo(data?.p95Ms ?? 0, 2);
    expect(figure(row['residual ms'])).toBeCloseTo(trips?.residualMs ?? 0, 2);
    expect(figure(row['null p50 ms'])).toBeCloseTo(trips?.nullP50Ms ?? 0, 2);
    expect(figure(row['inferred trips'])).toBeCloseTo(trips?.inferred ?? 0, 2);
    expect(row['n/attempted']).toBe('200 / 200');
  }
});

test('the summary counts the samples that its figures rest on, not those that were disturbed', () => {
  const results = variant({ modes: ['tls13'] }, (draft) => {
    const data = draft.cells[0]?.milestones.connectReceived;
    if (data !== undefined) data.count = 104;
  });
  const [group] = handshakeGroups(results);
  expect(group && records(summaryTable(group))[0]?.['n/attempted']).toBe('104 / 200');
});

test('every figure of every ladder is the figure of the results', () => {
  for (const cell of fixture().cells) {
    const rows = records(ladderTable(cell));
    expect(rows.map((row) => row['milestone'])).toEqual(
      MILESTONE_NAMES.filter((name) => name in cell.milestones),
    );
    for (const row of rows) {
      const name = row['milestone'] as 'delivered';
      expect(figure(row['p50 ms'])).toBeCloseTo(cell.milestones[name]?.p50Ms ?? 0, 2);
      expect(figure(row['p95 ms'])).toBeCloseTo(cell.milestones[name]?.p95Ms ?? 0, 2);
      expect(figure(row['predicted ms'])).toBeCloseTo(cell.trips[name]?.predictedMs ?? 0, 2);
      expect(figure(row['residual ms'])).toBeCloseTo(cell.trips[name]?.residualMs ?? 0, 2);
      expect(figure(row['n'])).toBe(cell.milestones[name]?.count);
      expect(row['source']).toBe(cell.milestones[name]?.source);
    }
  }
});

test('the reference table has every flight that leaves, then first data, in the order of the connection', () => {
  const results = fixture({ modes: ['tls12', 'tls13'] });
  for (const [mode, whats] of Object.entries(EXPECTED_ROWS)) {
    const cell = results.cells.find((candidate) => candidate.mode === mode);
    const rows = cell === undefined ? [] : records(referenceTable(cell));
    expect(rows.map((row) => `${row['trips']} ${row['end']}: ${row['what']}`)).toEqual(whats);
    for (const row of rows) {
      expect(figure(row['difference ms'])).toBeCloseTo(
        figure(row['measured p50 ms']) - figure(row['predicted ms']),
        1,
      );
    }
  }
});

const EXPECTED_ROWS = {
  tls12: [
    '0 client: SYN leaves',
    '1 broker: SYN-ACK leaves',
    '2 client: ClientHello leaves',
    '3 broker: ServerHello, Certificate, ServerKeyExchange, ServerHelloDone leave',
    '4 client: ClientKeyExchange, ChangeCipherSpec, Finished leave',
    '5 broker: NewSessionTicket, ChangeCipherSpec, Finished leave',
    '6 client: CONNECT leaves',
    '7 broker: first data: the broker holds the first byte of CONNECT',
    '8 client: the client holds CONNACK',
  ],
  tls13: [
    '0 client: SYN leaves',
    '1 broker: SYN-ACK leaves',
    '2 client: ClientHello (key share) leaves',
    '3 broker: ServerHello (key share), EncryptedExtensions, Certificate, CertificateVerify, Finished leave',
    '4 client: Finished, CONNECT leave',
    '5 broker: first data: the broker holds the first byte of CONNECT',
    '6 client: the client holds CONNACK',
  ],
};
