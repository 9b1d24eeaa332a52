import { expect, test } from 'vitest';
import type { CellResult, Results } from '../../src/results/schema.ts';
import { reportHtml } from '../../src/report/html.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { fixture } from './fixture.ts';

function told(brokerSide: CellResult['brokerSide']): Results {
  const results = fixture({ modes: ['plain', 'tls13'] });
  return {
    ...results,
    cells: results.cells.map((cell) => (brokerSide === undefined ? cell : { ...cell, brokerSide })),
  };
}

const BOTH = told({
  source: 'broker',
  differences: { accepted: { count: 90, p50Ms: 0.12 }, connectReceived: { count: 91, p50Ms: -0.34 } },
});

test('the page says who told of the broker’s side, and how far the wire’s instants are off', () => {
  const page = reportHtml(BOTH, []);
  expect(page).toContain('Who told of the broker’s side');
  expect(page).toMatch(/the broker itself(<[^>]*>|\s)+0\.12/);
  expect(page).toContain('−0.34');
  expect(reportHtml(told({ source: 'wire' }), [])).toMatch(/<td[^>]*>the wire</);
  expect(reportHtml(fixture(), [])).not.toContain('Who told of the broker’s side');
});

test('the summary says of what the wire tells, and only then', () => {
  expect(reportMarkdown(told({ source: 'wire' }))).toContain('Of aedes the wire tells');
  expect(reportMarkdown(BOTH)).not.toContain('the wire tells');
});
