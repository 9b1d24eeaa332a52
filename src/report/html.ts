import type { Results } from '../results/schema.ts';
import { fixed } from './format.ts';
import { accessSections } from './html/access.ts';
import { appendixSections } from './html/appendix.ts';
import type { Picture } from './html/figure.ts';
import { inferenceSections } from './html/inference.ts';
import { html } from './html/markup.ts';
import { pageHtml } from './html/page.ts';
import { protectionSections } from './html/protection.ts';
import {
  answerMarkup,
  bannerMarkup,
  brokerSections,
  contentsMarkup,
  groupSections,
  otherSections,
  sectionMarkup,
} from './html/sections.ts';
import { problemsOf } from './problems.ts';

/** The report as one page that needs no network and no script. `pictures` are the drawn charts of the same results. */
export function reportHtml(results: Results, pictures: readonly Picture[]): string {
  const { scenario, tool, startedAt, durationMs } = results;
  const sections = [
    ...brokerSections(pictures),
    ...groupSections(results, pictures),
    ...accessSections(results),
    ...inferenceSections(results),
    ...protectionSections(results, pictures),
    ...otherSections(results, pictures),
    ...appendixSections(results),
  ];
  return pageHtml({
    title: scenario.question,
    generator: `${tool.name} ${tool.version}`,
    header: html`<p class="eyebrow">
        ${tool.name} · scenario ${scenario.name} ·
        <time datetime="${startedAt}">${startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time>
        · took ${fixed(durationMs / 1000, 1)} s
      </p>
      <h1>${scenario.question}</h1>
      ${bannerMarkup(problemsOf(results))} ${answerMarkup(results)} ${contentsMarkup(sections)}`,
    main: sections.map(sectionMarkup),
    footer: html`<p>
      Drawn from results.json of ${tool.name} ${tool.version} (schema ${results.schemaVersion}). This page
      loads nothing and runs no script.
    </p>`,
  });
}
