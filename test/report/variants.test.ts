import { beforeAll, describe, expect, test } from 'vitest';
import { WIDTHS, type Drawing, type Size } from '../../src/report/charts/chart.ts';
import { chartsOf } from '../../src/report/charts/index.ts';
import { reportHtml } from '../../src/report/html.ts';
import { renderSvg } from '../../src/report/render.ts';
import { textOf } from './page-text.ts';
import { VARIANTS } from './variants.ts';

interface Drawn {
  name: string;
  size: Size;
  drawing: Drawing;
  svg: string;
  warnings: string[];
}

describe.each(Object.entries(VARIANTS))('results that are: %s', (_, make) => {
  const results = make();
  const charts = chartsOf(results);
  const drawn: Drawn[] = [];
  let page: string;

  beforeAll(async () => {
    const pictures = [];
    for (const chart of charts) {
      const draw = async (size: Size): Promise<string> => {
        const drawing = chart.draw(size);
        const warnings: string[] = [];
        const svg = await renderSvg(drawing, (text) => warnings.push(text));
        drawn.push({ name: `${chart.id} ${size}`, size, drawing, svg, warnings });
        return svg;
      };
      pictures.push({ chart, wideSvg: await draw('wide'), narrowSvg: await draw('narrow') });
    }
    page = reportHtml(results, pictures);
  });

  test('charts draw without a warning, without holes, at their width, without ids that could collide', () => {
    expect(drawn).toHaveLength(2 * charts.length);
    for (const { name, size, drawing, svg, warnings } of drawn) {
      expect({ name, warnings }).toEqual({ name, warnings: [] });
      expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(svg).not.toMatch(/ id="|<script|<image|href/);
      const [, width = '', height = ''] = /^<svg [^>]*width="([^"]*)" height="([^"]*)"/.exec(svg) ?? [];
      expect([Number(width), Number(height)]).toEqual([drawing.width, drawing.height]);
      expect(drawing.width).toBeLessThanOrEqual(WIDTHS[size]);
      expect(drawing.height).toBeLessThan(4 * WIDTHS.wide);
    }
  });

  test('charts have ids that are file names, and a table for those who do not see them', () => {
    expect(new Set(charts.map(({ id }) => id)).size).toBe(charts.length);
    for (const { id, alt, caption, table } of charts) {
      expect(id).toMatch(/^[a-z0-9-]+$/);
      expect(`${alt} ${caption} ${JSON.stringify(table)}`).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(alt.length).toBeGreaterThan(20);
      expect(table.rows.length).toBeGreaterThan(0);
      for (const row of table.rows) expect(row.cells).toHaveLength(table.columns.length);
    }
  });

  test('the page has no hole where a figure is missing', () => {
    expect(textOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  test('the page loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<iframe|<img|<object|<embed|@import|url\(|\son[a-z]+=/);
    for (const [, address] of page.matchAll(/(?:href|src|action)="([^"]*)"/g))
      expect(address).toMatch(/^(#|data:,$)/);
  });

  test('the page is well-formed: every element that opens closes, every id is there once, every anchor leads somewhere', () => {
    expect(unclosed(page)).toEqual([]);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    const wanted = [...page.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)].map(([, id = '']) => id);
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('the page gives every row of a table as many cells as the table has columns', () => {
    for (const [, head = '', body = ''] of page.matchAll(/<thead>(.*?)<\/thead>\s*<tbody>(.*?)<\/tbody>/gs)) {
      const columns = head.split('<th ').length - 1;
      for (const [, row = ''] of body.matchAll(/<tr[^>]*>(.*?)<\/tr>/gs)) {
        expect(row.match(/<t[hd][ >]/g)).toHaveLength(columns);
        expect(row).toMatch(/^<th scope="row"/);
      }
    }
  });

  test('the page says what each picture shows, and shows each both wide and narrow', () => {
    const pictures = page.match(/<svg [^>]*>/g) ?? [];
    expect(pictures).toHaveLength(2 * (page.split('<figure ').length - 1));
    for (const picture of pictures) expect(picture).toMatch(/^<svg role="img" aria-label="[^"]{20,}"/);
  });
});

/** Elements without an end tag. */
const VOID = new Set(['meta', 'link', 'br', 'hr']);

/** Names of elements that are closed out of order or not at all. */
function unclosed(page: string): string[] {
  const open: string[] = [];
  for (const [, slash, name = '', rest = ''] of page
    .replaceAll(/<style>.*?<\/style>/gs, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/gi)) {
    if (VOID.has(name) || rest.endsWith('/')) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [...open, `</${name}>`];
  }
  return open;
}
