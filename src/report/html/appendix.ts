import type { Estimate } from '../../link/calibration/calibration.ts';
import type { CellResult, LinkResult, Results } from '../../results/schema.ts';
import { fixed, integer, mebibytes, ms, NONE, percent } from '../format.ts';
import { columnsOf, type Table } from '../tables.ts';
import { GLOSSARY } from '../glossary.ts';
import { brokerSideTable } from './broker-side.ts';
import { tableMarkup } from './figure.ts';
import { html, type Markup } from './markup.ts';
import type { Section } from './sections.ts';
import { wireTable } from './wire.ts';

/** What the figures rest on: samples, negotiated parameters, links, machine, processes, warnings, words. */
export function appendixSections(results: Results): Section[] {
  return [
    {
      id: 'samples',
      heading: 'Samples',
      content: html`<p>
          Every attempt is counted. Failed: it did not reach its last milestone. Excluded: it did, but was not
          what was asked for. Tainted: good, but the machine or the link was disturbed meanwhile; left out of
          the figures. Warm-up attempts are in none of them.
        </p>
        ${tableMarkup(samplesTable(results.cells), 'Attempts by cell, and why some are not in the figures')}`,
    },
    {
      id: 'negotiated',
      heading: 'What was negotiated',
      content: html`${tableMarkup(negotiatedTable(results.cells), 'What both ends agreed on, and the median bytes of the handshake (TLS and MQTT, without TCP/IP headers)')}`,
    },
    ...wireSection(results.cells),
    ...brokerSideSection(results.cells),
    {
      id: 'links',
      heading: 'Links',
      content: html`${tableMarkup(linksTable(results.links), 'One-way delay of each link, up: client to broker, down: broker to client; asked for, measured by probes, and of the same path without delay')}`,
    },
    { id: 'environment', heading: 'Environment', content: environment(results) },
    {
      id: 'processes',
      heading: 'Processes',
      content: tableMarkup(
        processTable(results),
        'What each process used; event-loop delay and stalls say how far its clock readings can be trusted',
      ),
    },
    { id: 'warnings', heading: 'Warnings', content: warnings(results) },
    { id: 'words', heading: 'Words', content: glossary() },
  ];
}

/** Only where a link saw the handshakes. */
function wireSection(cells: readonly CellResult[]): Section[] {
  if (cells.every(({ wire }) => wire === undefined)) return [];
  return [
    {
      id: 'wire',
      heading: 'What was on the wire',
      content: html`<p>
          The TLS handshake as the link saw it pass, up to the first application byte. Of an encrypted message
          only the size can be seen. Record headers, 5 bytes each, are in the bytes of an end and not in those
          of its messages.
        </p>
        ${tableMarkup(wireTable(cells, axesOf(cells)), 'Median records, bytes and messages of each end')}`,
    },
  ];
}

/** Only where it is known who told. */
function brokerSideSection(cells: readonly CellResult[]): Section[] {
  if (cells.every(({ brokerSide }) => brokerSide === undefined)) return [];
  return [
    {
      id: 'broker-side',
      heading: 'Who told of the broker’s side',
      content: html`<p>
          A broker of the bench’s own stamps what happens to its connections. Of any other, the figures are
          what passed its end of the link: the client’s bytes as they come there, the broker’s own as they
          leave, so that its computing between the two is not in first data. Where both told, the broker’s
          instant minus the wire’s is what it took to come to its stamp; handshakeAnswered holds its stamp
          against the leaving of what ends its handshake, which comes after it.
        </p>
        ${tableMarkup(brokerSideTable(cells, axesOf(cells)), 'Who told, and the median difference of broker and wire')}`,
    },
  ];
}

const AXES = ['mode', 'link', 'broker', 'topology', 'workload'] as const;

/** What tells the cells of a run from one another: mode and link always, the others where they differ. */
function axesOf(cells: readonly CellResult[]): (typeof AXES)[number][] {
  return AXES.filter((axis, index) => index < 2 || new Set(cells.map((cell) => cell[axis])).size > 1);
}

function samplesTable(cells: readonly CellResult[]): Table {
  const axes = axesOf(cells);
  return {
    columns: columnsOf(
      ...axes,
      '#attempted',
      '#ok',
      '#failed',
      '#excluded',
      '#tainted',
      '#warm-up',
      '#sent again',
      'reasons',
    ),
    rows: cells.map((cell) => {
      const { attempted, ok, failed, excluded, tainted, warmup, retransmitted, reasons } = cell.samples;
      const why = Object.entries(reasons).map(([reason, count]) => `${reason} × ${integer(count)}`);
      return {
        cells: [
          ...axes.map((axis) => cell[axis]),
          ...[attempted, ok, failed, excluded, tainted, warmup].map(integer),
          integer(retransmitted?.segments),
          why.join(', ') || NONE,
        ],
      };
    }),
  };
}

function negotiatedTable(cells: readonly CellResult[]): Table {
  const axes = axesOf(cells);
  return {
    columns: columnsOf(...axes, 'negotiated', '#handshake bytes up', '#handshake bytes down'),
    rows: cells.map((cell) => {
      const { negotiated, bytes } = cell;
      const what = Object.entries(negotiated).map(
        ([description, count]) => `${description} × ${integer(count)}`,
      );
      return {
        cells: [
          ...axes.map((axis) => cell[axis]),
          what.join('; ') || NONE,
          integer(bytes?.handshakeUp),
          integer(bytes?.handshakeDown),
        ],
      };
    }),
  };
}

/** A row for each direction of each link: asked for, and measured before and after the run. */
function linksTable(links: readonly LinkResult[]): Table {
  return {
    columns: columnsOf(
      'link',
      'direction',
      'backend',
      'TCP',
      'calibrated',
      '#asked ms',
      '#measured before, ms',
      '#after, ms',
      '#p99 ms',
      '#n',
      '#floor ms',
      '#jitter ms, asked',
      '#measured',
      '#loss, asked',
      '#in the run',
      '#kbit/s, asked',
      '#measured',
      '#released late, p50 / p99 / max ms',
    ),
    rows: links.flatMap((link) => [
      { cells: directionCells(link, 'up') },
      { cells: directionCells(link, 'down') },
    ]),
  };
}

function directionCells(link: LinkResult, way: 'up' | 'down'): string[] {
  const { id, backend, tcp, requested, floor, lateness, calibrations, traffic, calibrated } = link;
  const { before, after } = calibrations;
  const { delayMs, p99Ms, jitterMs, rateKbit } = before[way];
  const asked =
    way === 'up'
      ? {
          ms: requested.upMs,
          jitterMs: requested.jitterUpMs,
          loss: requested.lossUp,
          burst: requested.burstLossUp,
          kbit: requested.rateUpKbit,
        }
      : {
          ms: requested.downMs,
          jitterMs: requested.jitterDownMs,
          loss: requested.lossDown,
          burst: requested.burstLossDown,
          kbit: requested.rateDownKbit,
        };
  const crossed = traffic?.[way];
  const known = (value: number | undefined, write: (value: number) => string): string =>
    value === undefined ? NONE : write(value);
  const range = (estimate: Estimate | undefined, digits: number): string =>
    estimate === undefined
      ? NONE
      : `${fixed(estimate.value, digits)} (${fixed(estimate.low, digits)} to ${fixed(estimate.high, digits)})`;
  return [
    id,
    way,
    backend,
    tcp,
    calibrated ? 'yes' : 'no',
    ms(asked.ms),
    range(delayMs, 2),
    range(after?.[way].delayMs, 2),
    ms(p99Ms),
    integer(delayMs.count),
    ms(way === 'up' ? floor.upMs : floor.downMs),
    ms(asked.jitterMs),
    range(jitterMs, 1),
    asked.burst === undefined ? percent(asked.loss) : 'in bursts',
    crossed === undefined || crossed.packets === 0
      ? NONE
      : `${percent(crossed.lost / crossed.packets)} of ${integer(crossed.packets)} packets`,
    known(asked.kbit, (value) => fixed(value, 0)),
    range(rateKbit, 1),
    lateness === undefined ? NONE : [lateness.p50Ms, lateness.p99Ms, lateness.maxMs].map(ms).join(' / '),
  ];
}

function environment({ environment, tool, startedAt, durationMs, seed, scenario }: Results): Markup {
  const facts: Record<string, string | number | boolean> = {
    scenario: scenario.name,
    tool: `${tool.name} ${tool.version}`,
    started: startedAt,
    'duration, s': fixed(durationMs / 1000, 1),
    seed: String(seed),
    ...environment,
  };
  const rows = Object.entries(facts).map(([name, value]) => ({ cells: [name, String(value)] }));
  return tableMarkup({ columns: columnsOf('fact', 'value'), rows }, 'Where and with what this was measured');
}

function processTable({ processes }: Results): Table {
  return {
    columns: columnsOf('process', '#CPU s', '#largest memory', '#event-loop delay p99 ms', '#stalls'),
    rows: processes.map(({ role, cpuSeconds, maxRssBytes, loopDelayP99Ms, stalls }) => {
      // Nobody watched the others.
      const seen = loopDelayP99Ms === undefined ? undefined : stalls;
      return {
        cells: [role, fixed(cpuSeconds, 2), mebibytes(maxRssBytes), ms(loopDelayP99Ms), integer(seen)],
      };
    }),
  };
}

function warnings({ warnings }: Results): Markup {
  if (warnings.length === 0) return html`<p>None.</p>`;
  return html`<ul>
    ${warnings.map((text) => html`<li>${text}</li>`)}
  </ul>`;
}

function glossary(): Markup {
  return html`<dl>
    ${GLOSSARY.map(
      ({ word, meaning }) =>
        html`<dt>${word}</dt>
          <dd>${meaning}</dd> `,
    )}
  </dl>`;
}
