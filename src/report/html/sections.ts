import { FIRST_DATA } from '../../measure/milestones.ts';
import type { CellResult, Results } from '../../results/schema.ts';
import { answersOf } from '../answer.ts';
import { departures } from '../flights.ts';
import { slopeTable } from '../charts/slopes.ts';
import { slug } from '../format.ts';
import { areRefused, timedWords } from '../goal.ts';
import { counted } from '../../words.ts';
import { fleetGroups, groupWords, handshakeGroups, headliners, modesOf, type Group } from '../groups.ts';
import { modeStyles } from '../palette.ts';
import type { Problem } from '../problems.ts';
import { hopWords } from '../trips.ts';
import { ladderTable, referenceTable, summaryTable } from '../tables.ts';
import type { FleetReport } from '../workloads/fleet-report.ts';
import { FLEET_REPORTS } from '../workloads/index.ts';
import { figure, folded, tableMarkup, type Picture } from './figure.ts';
import { html, NOTHING, type Markup } from './markup.ts';

/** A part of the page, with its heading, for the page and for the list of contents. */
export interface Section {
  id: string;
  heading: string;
  content: Markup;
}

/** What speaks against the figures, before any of them. */
export function bannerMarkup(problems: readonly Problem[]): Markup {
  const severities = [
    ['grave', 'Do not rest a decision on these results'],
    ['caution', 'Read these results with care'],
  ] as const;
  const banners = severities.flatMap(([severity, heading]) => {
    const own = problems.filter((problem) => problem.severity === severity);
    if (own.length === 0) return [];
    return [
      html`<div class="banner ${severity}" role="note">
        <h2>${heading}</h2>
        <ul>
          ${own.map(({ text }) => html`<li>${text}</li>`)}
        </ul>
      </div> `,
    ];
  });
  return html`${banners}`;
}

/** The answers to the scenario's question. */
export function answerMarkup(results: Results): Markup {
  const answers = answersOf(results).map(({ sentences }) => {
    const [first = '', ...more] = sentences;
    return html`<p class="answer"><strong>${first}</strong></p>
      <p class="more">${more.join(' ')}</p> `;
  });
  return answers.length === 0 ? html`<p class="answer">These results hold no cell.</p>` : html`${answers}`;
}

/** Brokers beside each other, where there are several. */
export function brokerSections(pictures: readonly Picture[]): Section[] {
  const own = overall(pictures, 'brokers');
  if (own.length === 0) return [];
  const content = own.map((picture) => figure(picture, { heading: own.length > 1, table: true }));
  return [{ id: 'brokers', heading: 'Brokers beside each other', content: html`${content}` }];
}

/** Of so many groups every mode is shown by itself; of more it is folded away. */
const MOST_OPEN = 2;

/** One section for each link: first data, the picture of its two headliners, percentiles, and every mode by itself. */
export function groupSections(results: Results, pictures: readonly Picture[]): Section[] {
  const groups = handshakeGroups(results);
  return groups.flatMap((group) => {
    const own = pictures.filter(({ chart }) => chart.groupId === group.id);
    const where = groups.length === 1 ? '' : `, ${group.label}`;
    return [
      {
        id: `first-data-of-${group.id}`,
        heading: `${areRefused(group.cells) ? 'Refusal' : 'First data'} by mode${where}`,
        content: html`<p>Link <code>${group.label}</code>: ${groupWords(group)}.</p>
          ${overall(own, 'first-data').map((picture) => figure(picture, { heading: false, table: false }))}
          ${tableMarkup(summaryTable(group), `${timedWords(group.cells)}, measured; predicted: trips × measured one-way delay, and bytes at the link’s rate; residual: p50 minus predicted; null: the same over a link without delay; inferred: the trips that the difference to it amounts to.${hopWords(group.cells)}`)}`,
      },
      ...drawn(own, 'cost-parts', {
        id: `parts-of-${group.id}`,
        heading: `What first data is made of${where}`,
      }),
      ...drawn(own, 'bytes', { id: `bytes-of-${group.id}`, heading: 'Handshake bytes by direction' }),
      ...drawn(own, 'certificates', {
        id: `certificates-of-${group.id}`,
        heading: `First data over the certificate’s bytes${where}`,
      }),
      { id: `flights-of-${group.id}`, heading: `Who sends what, when${where}`, content: flights(group, own) },
      ...drawn(own, 'percentiles', { id: `percentiles-of-${group.id}`, heading: `Percentiles${where}` }),
      {
        id: `modes-of-${group.id}`,
        heading: `Mode by mode${where}`,
        // Pages of many groups would be longer than anyone reads.
        content:
          groups.length > MOST_OPEN
            ? folded(`${counted(group.cells.length, 'mode')} one by one`, modeParts(results, group, own))
            : modeParts(results, group, own),
      },
    ];
  });
}

/** Charts of a kind that are about a whole group. */
function overall(pictures: readonly Picture[], kind: string): Picture[] {
  return pictures.filter(({ chart }) => chart.kind === kind && chart.cell === undefined);
}

function flights(group: Group, pictures: readonly Picture[]): Markup {
  const tables = headliners(group)
    .filter((cell) => departures(cell).length > 0)
    .map((cell) =>
      tableMarkup(
        referenceTable(cell),
        `${cell.mode}: what leaves when, and when it is there; medians, from the client’s intended start`,
      ),
    );
  const figures = overall(pictures, 'time-sequence').map((picture) =>
    figure(picture, { heading: false, table: false }),
  );
  if (tables.length === 0) return html`<p>No flight was seen.</p>`;
  return html`${figures}${tables}`;
}

/** The section of a kind of chart with its tables; none where it has nothing to show. */
function drawn(
  pictures: readonly Picture[],
  kind: string,
  section: { id: string; heading: string },
): Section[] {
  const figures = overall(pictures, kind).map((picture) => figure(picture, { heading: false, table: true }));
  return figures.length === 0 ? [] : [{ ...section, content: html`${figures}` }];
}

function modeParts(results: Results, group: Group, pictures: readonly Picture[]): Markup {
  const styles = modeStyles(modesOf(results));
  const parts = group.cells.map((cell) => {
    const role = styles.get(cell.mode)?.role ?? 'ink';
    const own = pictures.filter(({ chart }) => chart.cell === cell);
    return html`<section aria-labelledby="${modeId(group, cell)}">
      <h3 id="${modeId(group, cell)}">
        <span class="dot" style="background:var(--${role})"></span>${cell.mode}
      </h3>
      ${cell.samples.ok === 0 ? html`<p>No connection of this mode was good, so there are no samples to draw.</p>` : NOTHING}
      <div class="pair">${own.map((picture) => figure(picture, { heading: false, table: false }))}</div>
      ${folded('The ladder as a table', tableMarkup(ladderTable(cell), `${cell.mode}: milestones from the client’s intended start, in the order of a connection`))}
      ${folded('The flights as a table', tableMarkup(referenceTable(cell), `${cell.mode}: what leaves when, and when it is there; medians`))}
    </section> `;
  });
  return html`${parts}`;
}

function modeId(group: Group, cell: CellResult): string {
  return `mode-${group.id}-${slug(cell.mode)}-${group.cells.indexOf(cell)}`;
}

function fleetSections(report: FleetReport, results: Results, pictures: readonly Picture[]): Section[] {
  const groups = fleetGroups(results, report.kind);
  return groups.map((group) => {
    const own = pictures.filter(({ chart }) => chart.kind === report.chart && chart.groupId === group.id);
    const figures = own.map((picture) => figure(picture, { heading: true, table: picture.chart.half }));
    return {
      id: `${report.id}-of-${group.id}`,
      heading: groups.length === 1 ? report.heading : `${report.heading}, ${group.label}`,
      content: html`${tableMarkup(report.table(group), report.words)}
      ${own.some(({ chart }) => chart.half) ? html`<div class="pair">${figures}</div>` : figures}`,
    };
  });
}

/** What fleets did, where there were any, and the slopes, where several delays were measured. */
export function otherSections(results: Results, pictures: readonly Picture[]): Section[] {
  const fleets = FLEET_REPORTS.flatMap((report) => fleetSections(report, results, pictures));
  if (results.slopes.length === 0) return fleets;
  const figures = pictures
    .filter(({ chart }) => chart.kind === 'slopes')
    .map((picture) => figure(picture, { heading: false, table: false }));
  const fitted =
    'medians over the mean measured one-way delay, Theil–Sen: the slope is the trip count, the intercept is compute';
  const firstData = results.slopes.filter(({ milestone }) => milestone === FIRST_DATA);
  const content = html`${figures} ${tableMarkup(slopeTable(firstData), `First data: ${fitted}`)}
  ${folded('The slopes of every milestone', tableMarkup(slopeTable(results.slopes), `Every milestone: ${fitted}`))}`;
  return [...fleets, { id: 'slopes', heading: 'Trips as slopes', content }];
}

/** Sections as they stand on the page. */
export function sectionMarkup({ id, heading, content }: Section): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${heading}</h2>
    ${content}
  </section> `;
}

/** The list of contents. */
export function contentsMarkup(sections: readonly Section[]): Markup {
  const items = sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`);
  return html`<nav aria-label="Contents">
    <ul>
      ${items}
    </ul>
  </nav>`;
}
