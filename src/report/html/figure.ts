import type { KindedChart } from '../charts/index.ts';
import { themed } from '../palette.ts';
import type { Table } from '../tables.ts';
import { escapeText, html, NOTHING, trusted, type Markup } from './markup.ts';

/** A chart and its two pictures: SVG of the light theme. */
export interface Picture {
  chart: KindedChart;
  wideSvg: string;
  narrowSvg: string;
}

/** Gives a picture the words that stand for it. */
export function labelled(svg: string, alt: string): string {
  return svg.replace('<svg ', () => `<svg role="img" aria-label="${escapeText(alt)}" `);
}

/** A chart with its caption, and its table folded under it where that does not stand elsewhere on the page. */
export function figure(
  { chart, wideSvg, narrowSvg }: Picture,
  { heading, table }: { heading: boolean; table: boolean },
): Markup {
  const picture = (svg: string): Markup => trusted(labelled(themed(svg), chart.alt));
  return html`<figure id="chart-${chart.id}">
    ${heading ? html`<h4>${chart.title}</h4>` : NOTHING}
    <div class="wide">${picture(wideSvg)}</div>
    <div class="narrow">${picture(narrowSvg)}</div>
    <figcaption>${chart.caption}</figcaption>
    ${table ? folded('The figures of this picture', tableMarkup(chart.table, chart.title)) : NOTHING}
  </figure>`;
}

export function folded(summary: string, content: Markup): Markup {
  return html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;
}

/** A table that scrolls by itself when the page is too narrow for it. The first column names the row. */
export function tableMarkup({ columns, rows }: Table, caption: string): Markup {
  const head = columns.map(({ title, numeric }) => html`<th scope="col" ${classOf(numeric)}>${title}</th>`);
  const body = rows.map(({ cells, strong }) => {
    const content = cells.map((cell, index) => {
      const numeric = columns[index]?.numeric ?? false;
      const long = !numeric && cell.length > 24;
      const kind = long ? trusted(' class="text"') : classOf(numeric);
      // The first column stays in view: a long name must leave the figures some room.
      if (index === 0) return html`<th scope="row" ${kind}>${long ? breakable(cell) : cell}</th>`;
      return html`<td${kind}>${cell}</td>`;
    });
    return html`<tr${strong === true ? trusted(' class="strong"') : NOTHING}>${content}</tr>
`;
  });
  // The words stand beside the table, not in it: a caption would be as wide as the table, and scroll away with it.
  return html`<p class="caption">${caption}</p>
    <div class="scroll" role="region" tabindex="0" aria-label="${caption}">
      <table aria-label="${caption}">
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>`;
}

/** A long name that may be broken before its axes and inside them, rather than anywhere. */
function breakable(name: string): Markup {
  const [first = '', ...more] = name.split(/(?=\+)|(?<=[_=])/);
  return html`${first}${more.map((part) => html`<wbr />${part}`)}`;
}

function classOf(numeric: boolean): Markup {
  return trusted(numeric ? ' class="n"' : '');
}
