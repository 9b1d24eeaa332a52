import { payloadRatesChart, type PayloadRatesReport } from './charts/micro-payload.ts';
import { figure } from './html/figure.ts';
import { html } from './html/markup.ts';
import { pageHtml } from './html/page.ts';
import { renderSvg } from './render.ts';
import { standaloneSvg } from './standalone-svg.ts';

/** The rates of `micro payload` as one picture. */
export function payloadSvg(report: PayloadRatesReport): Promise<string> {
  return standaloneSvg(payloadRatesChart(report));
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
