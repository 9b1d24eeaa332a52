import { payloadRatesChart, type PayloadRatesReport } from '../report/charts/micro-payload.ts';
import { figure, labelled } from '../report/html/figure.ts';
import { html } from '../report/html/markup.ts';
import { pageHtml } from '../report/html/page.ts';
import { ALL_ROLES, themed } from '../report/palette.ts';
import { renderSvg } from '../report/render.ts';

/** The rates of `micro payload` as one picture that follows the reader's light or dark scheme by itself. */
export async function payloadSvg(report: PayloadRatesReport): Promise<string> {
  const chart = payloadRatesChart(report);
  const svg = labelled(themed(await renderSvg(chart.draw('wide'))), chart.alt);
  const dark = ALL_ROLES.map((role) => `--${role.name}:${role.dark}`).join(';');
  const style = `<style>@media (prefers-color-scheme:dark){svg{${dark}}}</style>`;
  return svg.replace(/^<svg [^>]*>/, (tag) => `${tag}${style}`);
}

/** The same as a page that needs no network and no script, with the figures; light and dark, desktop and phone. */
export async function payloadHtml(report: PayloadRatesReport): Promise<string> {
  const chart = payloadRatesChart(report);
  const picture = {
    chart: { ...chart, kind: 'micro-payload' },
    wideSvg: await renderSvg(chart.draw('wide')),
    narrowSvg: await renderSvg(chart.draw('narrow')),
  };
  return pageHtml({
    title: chart.title,
    generator: 'mqtt-tls-bench',
    header: html`<p class="eyebrow">mqtt-tls-bench · micro payload</p>
      <h1>${chart.title}</h1>`,
    main: figure(picture, { heading: false, table: true }),
    footer: html`<p>This page loads nothing and runs no script.</p>`,
  });
}
