import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { answersOf } from '../../src/report/answer.ts';
import { chartsOf } from '../../src/report/charts/index.ts';
import { fleetGroups } from '../../src/report/groups.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { renderSvg } from '../../src/report/render.ts';
import { reportTerminal } from '../../src/report/terminal.ts';
import { wakeTable } from '../../src/report/workloads/wake.ts';
import { fixture } from './fixture.ts';
import { VARIANTS } from './variants.ts';

const results = VARIANTS['sensors that wake up']?.() ?? fixture();

test('the table has time awake, trips, bytes and energy of each mode, and says what is not known', () => {
  const [group] = fleetGroups(results, 'wake');
  if (group === undefined) throw new Error('no group');
  const { columns, rows } = wakeTable(group);
  const titles = columns.map(({ title }) => title);
  expect(titles).toEqual([
    'mode',
    'trips',
    'inferred trips',
    'predicted ms',
    'awake p50 ms',
    'awake p95 ms',
    'from real start p50 ms',
    'bytes up',
    'bytes down',
    'packets up',
    'packets down',
    'mJ nb-iot',
    'stay up to s, nb-iot, ping 60 s',
    'stay up to s, nb-iot, ping 1200 s',
    'n/attempted',
  ]);
  const of = (mode: string): Record<string, string | undefined> => {
    const cells = rows.find((row) => row.cells[0] === mode)?.cells ?? [];
    return Object.fromEntries(titles.map((title, index) => [title, cells[index]]));
  };
  expect(of('plain')).toMatchObject({
    trips: '8',
    'bytes up': '900',
    'packets down': '8',
    'mJ nb-iot': '470',
    'stay up to s, nb-iot, ping 60 s': '180',
    'stay up to s, nb-iot, ping 1200 s': 'always',
    'n/attempted': '40 / 200',
  });
  expect(of('tls13')).toMatchObject({ 'bytes up': '400', 'packets up': '–', 'mJ nb-iot': '–' });
  expect(of('mtls13')).toMatchObject({
    'awake p50 ms': 'no samples',
    'bytes up': '–',
    'n/attempted': '0 / 200',
  });
});

test('the answer names the time awake, the energy and what is modelled, and who never slept again', () => {
  const [answer] = answersOf(results);
  expect(answer?.sentences[0]).toBe(
    'At 420 ms one way one wake-up keeps the sensor awake for 3,365.4 ms (plain) to 5,045.6 ms (tls12), and costs 470 mJ (plain) to 531 mJ (tls12) with the nb-iot radio, modelled.',
  );
  const text = answer?.sentences.join(' ') ?? '';
  expect(text).toContain(
    'with a ping each 60 s takes less energy than connecting for every message while messages are no further apart than 180 s in every mode (nb-iot, modelled)',
  );
  expect(text).toContain('With one each 900 s it never does, however many messages a connection carries.');
  expect(text).toContain('With one each 900 s it does from the second message of a connection on.');
  expect(text).toContain('Failed or excluded: 200 of 200 with mtls13.');
  expect(reportMarkdown(results)).toContain('## Waking up: nb-iot, 420 ms one way');
  expect(reportTerminal(results, new PassThrough())).toContain('one wake-up keeps the sensor awake');
});

test('pictures of time, energy and break-even; every figure of energy is called modelled', async () => {
  const charts = chartsOf(results);
  expect(charts.map(({ id }) => id)).toEqual([
    'wake-awake-nb-iot',
    'wake-energy-nb-iot-nb-iot',
    'wake-break-even-nb-iot-nb-iot',
  ]);
  const [awake, energy, breakEven] = charts;
  expect(awake?.caption).toContain('measured');
  for (const chart of [energy, breakEven]) expect(`${chart?.caption}`).toContain('modelled');
  expect(energy?.caption).toContain('3GPP TR 45.820 (2015)');
  // The parts of a bar end at the median.
  const spec = JSON.stringify(awake?.draw('wide').spec);
  const ends = [...spec.matchAll(/"from":[\d.]+,"to":([\d.]+)/g)].map(([, to]) => Number(to));
  expect(Math.max(...ends)).toBeCloseTo(results.cells[1]?.milestones.disconnected?.p50Ms ?? 0, 6);
  const svg = breakEven === undefined ? '' : await renderSvg(breakEven.draw('wide'));
  expect(svg).toContain('messages that a connection carries');
  expect(svg).toContain('mJ a message, a ping each 1,200 s');
});

test('wake-ups have a report of their own, and none of handshakes', () => {
  expect(chartsOf(results).some(({ kind }) => kind === 'first-data')).toBe(false);
  expect(answersOf(results)).toHaveLength(1);
});
