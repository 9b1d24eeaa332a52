import type { Results } from '../results/schema.ts';
import { fixed } from './format.ts';
import { appendixSections } from './html/appendix.ts';
import type { Picture } from './html/figure.ts';
import { inferenceSections } from './html/inference.ts';
import { html, trusted } from './html/markup.ts';
import {
  answerMarkup,
  bannerMarkup,
  contentsMarkup,
  groupSections,
  otherSections,
  sectionMarkup,
} from './html/sections.ts';
import { styleSheet } from './html/style.ts';
import { problemsOf } from './problems.ts';

/** Nothing is loaded and nothing runs, even if a text of the results should ever get past the escaping. */
export const PAGE_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report as one page that needs no network and no script. `pictures` are the drawn charts of the same results. */
export function reportHtml(results: Results, pictures: readonly Picture[]): string {
  const { scenario, tool, startedAt, durationMs } = results;
  const sections = [
    ...groupSections(results, pictures),
    ...inferenceSections(results),
    ...otherSections(results, pictures),
    ...appendixSections(results),
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}" />
        <meta name="generator" content="${tool.name} ${tool.version}" />
        <title>${scenario.question}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(styleSheet())}
        </style>
      </head>
      <body>
        <header>
          <p class="eyebrow">
            ${tool.name} · scenario ${scenario.name} ·
            <time datetime="${startedAt}">${startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time>
            · took ${fixed(durationMs / 1000, 1)} s
          </p>
          <h1>${scenario.question}</h1>
          ${bannerMarkup(problemsOf(results))} ${answerMarkup(results)} ${contentsMarkup(sections)}
        </header>
        <main>${sections.map(sectionMarkup)}</main>
        <footer>
          <p>
            Drawn from results.json of ${tool.name} ${tool.version} (schema ${results.schemaVersion}). This
            page loads nothing and runs no script.
          </p>
        </footer>
      </body>
    </html> `.markup;
}
