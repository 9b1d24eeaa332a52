import type { HistoryEntry } from '../../history/entry.ts';
import { counted } from '../../words.ts';
import { figure, folded, tableMarkup } from '../html/figure.ts';
import { html, type Markup } from '../html/markup.ts';
import { pageHtml } from '../html/page.ts';
import { standaloneSvg } from '../standalone-svg.ts';
import { renderSvg } from '../render.ts';
import { trendChart, type Trended } from './chart.ts';
import { runsTable, trendTable } from './table.ts';
import { trendsOf, type Trend } from './trends.ts';

/**
 * A history as one page that needs no network and no script: light and dark, desktop and phone. For each link (and broker,
 * topology, workload) the trends of its modes, to first data and to CONNACK, and the figures.
 */
export async function historyHtml(history: readonly HistoryEntry[]): Promise<string> {
  const places = Map.groupBy(trendsOf(history), ({ place }) => place);
  const sections: Markup[] = [];
  for (const [place, trends] of places) sections.push(await sectionOf(history, place, trends));
  const title = `${[...new Set(history.map(({ scenario }) => scenario))].join(', ')}: ${counted(history.length, 'run')}`;
  return pageHtml({
    title,
    generator: 'mqtt-tls-bench',
    header: html`<p class="eyebrow">mqtt-tls-bench · history</p>
      <h1>${title}</h1>`,
    main: html`${sections}
      <section>
        <h2>The runs</h2>
        ${tableMarkup(runsTable(history), 'What was measured when, and on what; ″ is as in the run before.')}
      </section>`,
    footer: html`<p>This page loads nothing and runs no script.</p>`,
  });
}

async function sectionOf(
  history: readonly HistoryEntry[],
  place: string,
  trends: readonly Trend[],
): Promise<Markup> {
  const figures: Markup[] = [];
  for (const what of ['headline', 'connack'] as const satisfies Trended[]) {
    const chart = trendChart(history, trends, { place, what });
    // A load has no CONNACK.
    if (chart.table.columns.length === 1) continue;
    const picture = {
      chart,
      wideSvg: await renderSvg(chart.draw('wide')),
      narrowSvg: await renderSvg(chart.draw('narrow')),
    };
    figures.push(figure(picture, { heading: true, table: true }));
  }
  const tables = trends.map((trend) => folded(trend.mode, tableMarkup(trendTable(trend), trend.id)));
  return html`<section>
    <h2>${place}</h2>
    ${figures}
    <h3>All that is kept of each mode</h3>
    ${tables}
  </section>`;
}

/** The trends to first data as one picture that follows the reader's light or dark scheme by itself. */
export async function historySvg(history: readonly HistoryEntry[]): Promise<string> {
  const trends = trendsOf(history);
  const [first] = trends;
  const onePlace = first !== undefined && trends.every(({ place }) => place === first.place);
  const chart = trendChart(history, trends, { place: onePlace ? first.place : '', what: 'headline' });
  return standaloneSvg(chart);
}
