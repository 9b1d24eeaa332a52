import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answersOf } from '../../src/report/answer.ts';
import {
  brokerMatrices,
  matrixDetails,
  matrixTable,
  numberedReasons,
} from '../../src/report/broker-matrix.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { reportTerminal } from '../../src/report/terminal.ts';
import { fixture } from './fixture.ts';
import { VARIANTS } from './variants.ts';

const results = VARIANTS['several brokers']?.() ?? fixture();

describe('modes by brokers', () => {
  const [matrix, ...others] = brokerMatrices(results);
  if (matrix === undefined) throw new Error('There is no matrix');

  it('are one matrix for each real link, with the brokers as they come', () => {
    expect(others).toEqual([]);
    expect(matrix.label).toBe('reference');
    expect(matrix.brokers).toEqual(['aedes', 'mosquitto', 'nats']);
    expect(matrix.modes).toEqual(['plain', 'tls12', 'tls13', 'tls12-psk']);
  });

  it('tell what was measured, what is missing and why, and what has no samples', () => {
    const rows = matrixTable(matrix).rows.map(({ cells }) => cells.slice(2).join(' | '));
    expect(rows).toEqual([
      expect.stringMatching(/^\d+\.\d \| \d+\.\d$/),
      expect.stringMatching(/^\d+\.\d \| wrong parameters \(1\)$/),
      expect.stringMatching(/^no samples \| \d+\.\d$/),
      expect.stringMatching(/^\d+\.\d \| unsupported \(2\)$/),
    ]);
    expect(numberedReasons(matrix)).toEqual([
      '(1) wrong parameters: it negotiated group = P-256.',
      '(2) unsupported: it has no pre-shared keys.',
    ]);
    const details = matrixDetails(matrix);
    expect(details.rows).toHaveLength(12);
    expect(details.rows.filter(({ cells }) => cells.at(-1) !== '')).toHaveLength(2);
  });

  it('are in the reports of runs with several brokers, and only there', () => {
    expect(reportMarkdown(results)).toContain('## Brokers beside each other: reference, 34 ms one way');
    expect(stripVTControlCharacters(reportTerminal(results))).toMatch(
      /first data by broker, ms, reference: 34 ms one way\nmode +aedes +mosquitto +nats\n/,
    );
    expect(brokerMatrices(fixture())).toEqual([]);
    expect(reportMarkdown(fixture())).not.toContain('Brokers beside each other');
  });

  it('name the broker in every answer', () => {
    expect(
      answersOf(results).map(({ sentences: [first = ''] }) => /^On \w+, at 34 ms/.exec(first)?.[0]),
    ).toEqual(['On aedes, at 34 ms', 'On mosquitto, at 34 ms', 'On nats, at 34 ms']);
    expect(answersOf(fixture())[0]?.sentences[0]).toMatch(/^At 34 ms/);
  });

  it('with a broker that has no mode at all are shown too, and too many brokers make two matrices', () => {
    const more = structuredClone(results);
    for (const { mode } of results.cells.slice(0, 4))
      more.unsupported.push({ mode, broker: 'rabbitmq', reason: 'it is not installed' });
    expect(brokerMatrices(more)[0]?.brokers).toEqual(['aedes', 'mosquitto', 'nats', 'rabbitmq']);
    const cells = results.cells.filter(({ broker }) => broker === 'aedes');
    for (const number of [1, 2, 3, 4])
      more.cells.push(
        ...cells.map((cell) => ({ ...cell, id: `${cell.id}-${number}`, broker: `broker-${number}` })),
      );
    expect(brokerMatrices(more).map(({ brokers }) => brokers.length)).toEqual([4, 4]);
  });
});
