import { expect, test } from 'vitest';
import { fleetWarnings } from '../../src/lab/fleet-warnings.ts';
import type { CellResult } from '../../src/results/schema.ts';
import { VARIANTS } from '../report/variants.ts';

function stormCell(changes: Partial<NonNullable<CellResult['storm']>>): CellResult {
  const cell = VARIANTS['after a storm']?.().cells[0];
  if (cell?.storm === undefined) throw new Error('no storm');
  const quiet = { lateStarts: 0, listenOverflows: 0, generator: { cpuShare: 0.3, loopDelayP99Ms: 4 } };
  return { ...cell, storm: { ...cell.storm, ...quiet, ...changes } };
}

test('a storm that the generator kept up with needs no word', () => {
  expect(fleetWarnings([stormCell({})])).toEqual([]);
});

test.each([
  [
    { generator: { cpuShare: 0.93, loopDelayP99Ms: 4 } },
    /had 93 % of a core.* these times are the generator's own/,
  ],
  // Others had the core, and the queue is the generator's all the same.
  [{ generator: { cpuShare: 0.3, loopDelayP99Ms: 900 } }, /event loop was up to 900 ms late/],
  [{ lateStarts: 60 }, /60 of 1000 clients started more than 10 ms after their intended time/],
  [{ listenOverflows: 3 }, /listen queue overflowed 3 times/],
] as const)('%j is told', (changes, text) => {
  const warnings = fleetWarnings([stormCell(changes)]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(text);
});

function loadCell(changes: Partial<NonNullable<CellResult['throughput']>>): CellResult {
  const cell = VARIANTS['load alone']?.().cells.find(({ throughput }) => throughput !== undefined);
  if (cell?.throughput === undefined) throw new Error('no load');
  const asAsked = {
    askedPerSecond: 200,
    sentPerSecond: 200,
    receivedPerSecond: 200,
    sent: 2000,
    received: 2000,
    lateSends: 3,
  };
  return { ...cell, throughput: { ...cell.throughput, ...asAsked, ...changes } };
}

test('what was lost or altered on its way is no lack of speed', () => {
  expect(fleetWarnings([loadCell({ received: 1800, receivedPerSecond: 180 })])).toEqual([]);
});

test('a load that was sent and received as asked needs no word', () => {
  expect(fleetWarnings([loadCell({ generator: { cpuShare: 0.3, loopDelayP99Ms: 4 } })])).toEqual([]);
});

test.each([
  [{ generator: { cpuShare: 0.93, loopDelayP99Ms: 4 } }, /had 93 % of a core/],
  [
    { sentPerSecond: 120, receivedPerSecond: 120 },
    /of 200\/s messages that were asked for only 120\/s were sent/,
  ],
  [{ receivedPerSecond: 150 }, /what was sent in 10\.0 s took 13\.3 s to come/],
  [{ lateSends: 400 }, /400 of 2000 messages left more than 10 ms after their intended time/],
] as const)('%j of a load is told', (changes, text) => {
  const warnings = fleetWarnings([loadCell(changes)]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(text);
});
