import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { reportHtml } from '../../src/report/html.ts';
import { handshakeGroups } from '../../src/report/groups.ts';
import { html, trusted } from '../../src/report/html/markup.ts';
import { summaryTable } from '../../src/report/tables.ts';
import { drawPictures } from '../../src/report/write.ts';
import { fixture } from './fixture.ts';
import { textOf } from './page-text.ts';
import { HOSTILE, hostile, VARIANTS } from './variants.ts';

test('the template escapes what it is given, in text and in attributes', () => {
  expect(
    html`<a title="${'"><script>'}">${"<b>&'"}${trusted('<i></i>')}${[html`<u>${1}</u>`]}</a>`.markup,
  ).toBe('<a title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;<i></i><u>1</u></a>');
});

describe('the report of the reference case', () => {
  let page: string;
  const results = fixture();
  beforeAll(async () => {
    page = reportHtml(results, await drawPictures(results));
  });

  test('begins with the question and the answer', () => {
    expect(page.indexOf(`<h1>${results.scenario.question}</h1>`)).toBeGreaterThan(0);
    expect(textOf(page)).toMatch(
      /At 34 ms one way the broker holds the first byte after [\d.]+ ms with tls13 \(5 trips\)/,
    );
    expect(page).not.toContain('class="banner');
  });

  test('has every figure of the summary', () => {
    const [group] = handshakeGroups(results);
    const rows = group === undefined ? [] : summaryTable(group).rows;
    expect(rows).toHaveLength(7);
    for (const { cells } of rows) expect(rowTexts(page)).toContain(cells.join('|'));
  });

  test('says what each end sent in a handshake that the link saw', () => {
    expect(rowTexts(page)).toContain(
      'tls13|reference|client|3|312|ClientHello 243, ChangeCipherSpec 1, encrypted 53',
    );
    expect(rowTexts(page).some((row) => row.startsWith('plain|reference|client|'))).toBe(false);
  });

  test('switches every colour of the pictures with the scheme', () => {
    for (const [svg] of page.matchAll(/<svg .*?<\/svg>/gs)) {
      expect(svg).not.toMatch(/(?:fill|stroke)="#/);
      expect(svg).toMatch(/fill="var\(--[a-z0-9-]+, #[0-9a-f]{6}\)"/);
    }
  });

  test('explains its words and has its sections', () => {
    const headings = [...page.matchAll(/<h2 id="[^"]*">([^<]*)</g)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'First data by mode',
      'What first data is made of',
      'Handshake bytes by direction',
      'Who sends what, when',
      'Percentiles',
      'Mode by mode',
      'Theory and measurement',
      'Trips as slopes',
      'Samples',
      'What was negotiated',
      'What was on the wire',
      'Links',
      'Environment',
      'Processes',
      'Warnings',
      'Words',
    ]);
    expect(textOf(page)).toContain('first data: the broker holds the first byte of CONNECT');
  });
});

test('an incomplete and uncalibrated run says so before its first figure', async () => {
  const results = VARIANTS['incomplete']?.() ?? fixture();
  const page = reportHtml(results, await drawPictures(results));
  expect(page.indexOf('Do not rest a decision on these results')).toBeGreaterThan(0);
  expect(page.indexOf('interrupted by SIGINT')).toBeLessThan(page.indexOf('class="answer"'));
});

test('a mode without samples says so, in words', async () => {
  const results = VARIANTS['one cell without samples']?.() ?? fixture();
  const page = reportHtml(results, await drawPictures(results));
  expect(rowTexts(page)).toContain('tls12|–|–|no samples|–|–|–|–|–|0 / 200');
  expect(textOf(page)).toContain('No connection of this mode was good, so there are no samples to draw.');
  expect(textOf(page)).toContain('connect:ECONNREFUSED × 200');
});

test('hostile texts stay texts', async () => {
  const results = hostile();
  const page = reportHtml(results, await drawPictures(results));
  expect(page).not.toContain(`<script>`);
  // In the text of a picture a quotation mark is only that.
  expect(page.replaceAll(/<text.*?<\/text>/gs, '')).not.toContain(`alert('x')`);
  expect(textOf(page)).toContain(stripVTControlCharacters(HOSTILE));
  expect(page.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

/** Every row of every table, its cells joined. */
function rowTexts(page: string): string[] {
  return [...page.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell).join('|'),
  );
}

test.each([
  [2, false],
  [3, true],
])('with %i groups the modes one by one are folded away: %s', async (groups, areFolded) => {
  const results = fixture({ modes: ['tls12', 'tls13'] });
  const cells = results.cells.filter(({ link }) => link === 'reference');
  const many = {
    ...results,
    cells: Array.from({ length: groups }, (_, group) =>
      cells.map((cell) => ({ ...cell, topology: `t${group}`, id: `${cell.id}-${group}` })),
    ).flat(),
  };
  const page = reportHtml(many, await drawPictures(many));
  expect(page.includes('<summary>2 modes one by one</summary>')).toBe(areFolded);
});
