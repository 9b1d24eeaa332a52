import { expect, test } from 'vitest';
import { answersOf } from '../../src/report/answer.ts';
import { chartsOf } from '../../src/report/charts/index.ts';
import { layOutSequence, type SequenceLayout } from '../../src/report/charts/sequence-layout.ts';
import { groupWords, handshakeGroups, whereOf } from '../../src/report/groups.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { modeStyles } from '../../src/report/palette.ts';
import { renderSvg } from '../../src/report/render.ts';
import { referenceTable, summaryTable } from '../../src/report/tables.ts';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { behind, LINKS, type PATHS } from './behind.ts';

type Topology = keyof typeof PATHS;

function firstCell({ cells: [cell] }: Results): CellResult {
  if (cell === undefined) throw new Error('an empty fixture');
  return cell;
}

/** A diagram whose pixels from the top are milliseconds. */
function layoutOf(topology: Topology, mode: 'plain' | 'tls12' | 'tls13'): SequenceLayout {
  const cell = firstCell(behind(topology, [mode]));
  const style = modeStyles([mode]).get(mode) ?? { color: '#000', role: 'ink', dash: [] };
  return layOutSequence(cell, style, { x: 0, width: 880, top: 0, pixelsPerMs: 1, links: LINKS });
}

/** Arrows in words: from which life line to which, and the milliseconds at both. */
function arrowsOf(layout: SequenceLayout, isPredicted: boolean): string[] {
  const nameAt = (x: number): string => layout.lines.find((line) => line.x === x)?.name ?? `nothing at ${x}`;
  return layout.arrows
    .filter(({ kind }) => (kind === 'predicted') === isPredicted)
    .map(({ x, y, x2, y2 }) => `${nameAt(x)} ${y} > ${nameAt(x2)} ${y2}`);
}

function goalOf({ lines, goal }: SequenceLayout): string {
  return `${lines.find(({ x }) => x === goal?.x)?.name} ${goal?.y}`;
}

function sequenceOf(topology: Topology, mode: 'plain' | 'tls13' = 'tls13') {
  const chart = chartsOf(behind(topology, [mode])).find(({ kind }) => kind === 'time-sequence');
  if (chart === undefined) throw new Error('no time–sequence diagram');
  return chart;
}

test('through a firewall every arrow goes on behind it, over the inner link', () => {
  const layout = layoutOf('firewall', 'plain');
  expect(arrowsOf(layout, true)).toEqual([
    'client 0 > hop 34',
    'hop 34 > broker 39',
    'broker 39 > hop 44',
    'hop 44 > client 78',
    'client 78 > hop 112',
    'hop 112 > broker 117',
  ]);
  expect(goalOf(layout)).toBe('broker 118');
});

test('a cold tunnel is raised first, and the SYN after it is predicted alone', () => {
  const layout = layoutOf('cold-tunnel', 'plain');
  expect(arrowsOf(layout, true)).toEqual([
    'client 0 > hop 34',
    'hop 34 > client 68',
    'client 68 > hop 102',
    'hop 102 > broker 107',
    'broker 107 > hop 112',
    'hop 112 > client 146',
    'client 146 > hop 180',
    'hop 180 > broker 185',
  ]);
  expect(arrowsOf(layout, false)).toEqual(['client 0.5 > hop 34.5']);
  expect(layout.labels.find(({ lines }) => lines.includes('SYN'))).toMatchObject({
    head: '68.0 ms',
    lines: ['SYN', '(predicted)'],
  });
  expect(layout.bands.map(({ name, y }) => [name, y])).toEqual([
    ['tunnel', 0.5],
    ['TCP', 68],
    ['MQTT', 146],
  ]);
});

test('a hop that ends TLS has the inner link’s arrows between itself and the broker', () => {
  const layout = layoutOf('terminated', 'tls13');
  expect(arrowsOf(layout, false)).toEqual([
    'client 0.5 > hop 34.5',
    'hop 35 > client 69',
    'client 69 > hop 103',
    'hop 103 > client 137',
    'client 137 > hop 171',
    'hop 171 > broker 176',
    'broker 176 > hop 181',
    'hop 181 > broker 186',
  ]);
  expect(goalOf(layout)).toBe('broker 186');
});

test('in a DMZ no arrow waits for the subscribers’ link: the broker is at the end of the clients’', () => {
  const layout = layoutOf('dmz', 'plain');
  expect(layout.lines.map(({ name }) => name)).toEqual(['client', 'firewall', 'broker']);
  expect(arrowsOf(layout, true)).toEqual([
    'client 0 > firewall 34',
    'firewall 34 > broker 34',
    'broker 34 > firewall 34',
    'firewall 34 > client 68',
    'client 68 > firewall 102',
    'firewall 102 > broker 102',
  ]);
  expect(arrowsOf(layout, false).slice(-2)).toEqual([
    'client 69 > firewall 103',
    'firewall 103 > broker 103',
  ]);
  expect(goalOf(layout)).toBe('broker 103');
  expect(layout.lastY).toBe(103);
  const { alt, caption } = sequenceOf('dmz');
  expect(alt).toMatch(
    /first data after 171\.0 ms, predicted 5 trips or 170\.0 ms, client on the left and broker on the right, the firewall between them\.$/,
  );
  expect(caption).toMatch(/ at 34 ms one way, subscribers behind 5 ms one way; /);
  expect(caption).toMatch(
    / The subscribers are behind the inner link, which this connection does not cross\.$/,
  );
});

test('at a closed port the diagram has the router and no broker, and the refusal is the client’s', async () => {
  const rejects = layoutOf('rejects', 'tls13');
  expect(rejects.lines.map(({ name }) => name)).toEqual(['client', 'router']);
  expect(arrowsOf(rejects, true)).toEqual(['client 0 > router 34', 'router 34 > client 68']);
  expect(arrowsOf(rejects, false)).toEqual(['client 0.5 > router 34.5']);
  expect(goalOf(rejects)).toBe('client 69');
  expect(rejects.labels.find(({ strong }) => strong)).toMatchObject({
    align: 'right',
    head: '69.0 ms',
    lines: ['refused'],
  });
  expect(rejects.bands.map(({ name }) => name)).toEqual(['TCP']);
  const drops = layoutOf('drops', 'tls13');
  expect(arrowsOf(drops, true)).toEqual(['client 0 > router 34']);
  expect(goalOf(drops)).toBe('client 2000');
  const chart = sequenceOf('rejects');
  expect(chart.alt).toBe(
    'Time–sequence diagram of tls13 with 2 flights, refused after 69.0 ms, predicted 2 trips or 68.0 ms, client on the left and router on the right.',
  );
  expect(chart.caption).toMatch(
    / at 34 ms one way to a closed port; .* Dot: the client learns that it is refused\. /,
  );
  const svg = await renderSvg(chart.draw('wide'));
  expect(svg).toContain('>2 trips to the refusal<');
  expect(svg).not.toContain('>broker<');
  expect(sequenceOf('drops').alt).toMatch(
    /tls13 with 1 flight, gives up after 2,000\.0 ms, client on the left/,
  );
});

test.each([
  ['firewall', '34 ms one way, then 5 ms one way behind the hop'],
  ['cold-tunnel', '34 ms one way, then 5 ms one way behind the hop'],
  ['terminated', '34 ms one way, then 5 ms one way behind the hop'],
  ['dmz', '34 ms one way, subscribers behind 5 ms one way'],
  ['rejects', '34 ms one way to a closed port'],
  ['drops', '34 ms one way to a closed port'],
] as const)('the way of a group is told as it is: %s', (topology, words) => {
  const results = behind(topology);
  const [group] = handshakeGroups(results);
  expect(group && groupWords(group)).toBe(words);
  for (const { requested } of results.links.slice(0, 1)) Object.assign(requested, { upMs: 0, downMs: 0 });
  expect(group && whereOf(group)).toBe(`Over a link without delay${words.replace('34 ms one way', '')}`);
});

test.each([
  ['firewall', ', both links together where packets cross both, '],
  ['terminated', ', those over the link behind the hop come last, '],
  ['dmz', '(→ to the broker, ← back), the upright mark'],
] as const)('the blocks of first data are told as they are drawn: %s', (topology, words) => {
  const chart = chartsOf(behind(topology)).find(({ kind }) => kind === 'first-data');
  expect(chart?.caption).toContain(words);
});

test('the answer has first data over the links that a connection crosses', () => {
  const first = (topology: Topology) => answersOf(behind(topology, ['tls12', 'tls13']))[0]?.sentences[0];
  expect(first('firewall')).toBe(
    'At 34 ms one way, then 5 ms one way behind the hop the broker holds the first byte after 196.0 ms with tls13 (5 + 5 trips) and 274.0 ms with tls12 (7 + 7 trips): tls12 costs 78.0 ms more, one round trip, and one round trip more behind the hop.',
  );
  expect(first('dmz')).toBe(
    'At 34 ms one way, subscribers behind 5 ms one way the broker holds the first byte after 171.0 ms with tls13 (5 trips) and 239.0 ms with tls12 (7 trips): tls12 costs 68.0 ms more, one round trip.',
  );
});

test('the answer of a closed port is the refusal', () => {
  const answer = (topology: Topology, modes: Parameters<typeof behind>[1]) =>
    answersOf(behind(topology, modes)).map(({ sentences }) => sentences);
  expect(answer('rejects', ['tls13'])).toEqual([
    [
      'At 34 ms one way to a closed port a client is refused after 69.0 ms (2 trips).',
      'Trips at the measured one-way delay (34.00 ms up, 34.00 ms down) explain the median to within 1.00 ms (tls13); the rest is compute, bytes and scheduling.',
      'Median of 40 attempts, from the client’s intended start until it learns that it is refused.',
    ],
  ]);
  // Modes that are alike are not told apart.
  const both = behind('rejects', ['plain', 'tls13']);
  expect(answersOf(both)[0]?.sentences[0]).toContain(' refused after 69.0 ms (2 trips).');
  const [, { milestones }] = both.cells as [CellResult, CellResult];
  if (milestones.refused !== undefined) milestones.refused.p50Ms = 69.4;
  expect(answersOf(both)[0]?.sentences[0]).toContain(
    ' refused after 69.0 ms with plain (2 trips) to 69.4 ms with tls13 (2 trips).',
  );
  expect(answer('drops', ['plain', 'tls13'])).toEqual([
    [
      'At 34 ms one way to a closed port a client hears nothing until it gives up, after 2,000.0 ms, its own time limit: 80 of 80 did.',
      'Medians of 40 attempts each, from the client’s intended start until it gives up.',
    ],
  ]);
});

test('the tables of a closed port end with the refusal, and have no first data', () => {
  const rows = (topology: Topology): string[][] =>
    referenceTable(firstCell(behind(topology))).rows.map(({ cells }) => cells.slice(0, 6));
  expect(rows('rejects')).toEqual([
    ['client → hop', 'SYN leaves', '0.00', '0.50', '+0.50', '0 + 0'],
    ['hop → client', 'TCP RST leaves', '34.00', '–', '–', '1 + 0'],
    ['client', 'the client learns that it is refused', '68.00', '69.00', '+1.00', '2 + 0'],
  ]);
  expect(rows('drops')).toEqual([
    ['client → hop', 'SYN leaves', '0.00', '0.50', '+0.50', '0 + 0'],
    ['client', 'the client gives up, since nothing answers it', '–', '2,000.00', '–', '–'],
  ]);
  const modes = (topology: Topology) =>
    handshakeGroups(behind(topology)).flatMap((group) =>
      summaryTable(group).rows.map(({ cells }) => cells[0]),
    );
  expect(modes('rejects')).toEqual(['tls13 (until it is refused)']);
  expect(modes('drops')).toEqual(['tls13 (until it gives up)']);
  const markdown = reportMarkdown(behind('rejects'));
  expect(markdown).toContain('## Refusal: reference, 34 ms one way to a closed port');
  expect(markdown).not.toMatch(/first data|first byte/i);
});
