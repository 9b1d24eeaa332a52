import { FIRST_DATA, type Milestone } from '../measure/milestones.ts';
import type { PathKind } from '../model/hops.ts';
import type { OneWayDelays } from '../model/predict.ts';
import { workloadKindOf } from '../results/cell.ts';
import type { CellResult, Distribution, LinkResult, Results } from '../results/schema.ts';
import { fixed, percent, slug } from './format.ts';
import { goalOf } from './goal.ts';

/** Cells that differ in nothing but their mode, or of load in its protection too: what one table or picture compares. */
export interface Group {
  /** Unique among the groups of a result, fit for file names and anchors. */
  id: string;
  /** The link, and what else tells this group from the others. */
  label: string;
  /** Absent when the results name a link that they do not describe. */
  link: LinkResult | undefined;
  /** The inner link, which {@link pathKindOf} says who crosses; absent without a hop. */
  innerLink?: LinkResult;
  cells: CellResult[];
}

/** Groups of the handshake workload that the report draws: those over a real link, or all when there is no other. */
export function handshakeGroups(results: Results): Group[] {
  const groups = groupsOf(results, (cell) => workloadKindOf(cell) === 'handshake');
  const real = groups.filter(({ link }) => link === undefined || !isNull(link));
  return real.length > 0 ? real : groups;
}

/** Groups of another workload, which has a report of its own. */
export function fleetGroups(results: Results, kind: string): Group[] {
  return groupsOf(results, (cell) => workloadKindOf(cell) === kind);
}

/** What tells groups of one link apart. */
const AXES = ['broker', 'topology', 'workload'] as const;

/** Groups in the order in which their cells come, named by their link and by what else differs among them. */
export function groupsOf(
  results: Results,
  belongs: (cell: CellResult) => boolean,
  apart: readonly (typeof AXES)[number][] = AXES,
): Group[] {
  const cells = results.cells.filter(belongs);
  const axes = apart.filter((axis) => new Set(cells.map((cell) => cell[axis])).size > 1);
  const groups = new Map<string, Group>();
  const ids = new Set<string>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.link, ...apart.map((axis) => cell[axis])]);
    const group = groups.get(key);
    if (group !== undefined) {
      group.cells.push(cell);
      continue;
    }
    const parts = [cell.link, ...axes.map((axis) => cell[axis])];
    const id = unique(slug(parts.join('-')), ids);
    const link = results.links.find((candidate) => candidate.id === cell.link);
    const innerLink = results.links.find((candidate) => candidate.id === cell.path?.innerLink);
    groups.set(key, {
      id,
      label: parts.join(' · '),
      link,
      ...(innerLink === undefined ? {} : { innerLink }),
      cells: [cell],
    });
  }
  return [...groups.values()];
}

/** Whether a link was asked to change nothing. */
export function isNull({ requested }: LinkResult): boolean {
  // Whatever was asked for changes something, unless it is 0.
  return Object.values(requested).every((value) => value === 0);
}

/** A link in words: `34 ms one way`, `5 ms up and 40 ms down, ±2 ms jitter, 1 % loss`. */
export function linkWords(link: LinkResult | undefined): string {
  if (link === undefined) return 'a link that the results do not describe';
  if (isNull(link)) return 'no delay';
  const { requested: asked } = link;
  const both = (up: number, down: number, write: (value: number) => string): string =>
    up === down ? write(up) : `${write(up)} up and ${write(down)} down`;
  const number = (value: number): string => fixed(value, Number.isInteger(value) ? 0 : 1);
  const sides = asked.upMs === asked.downMs ? ' one way' : '';
  const words = [`${both(asked.upMs, asked.downMs, (value) => `${number(value)} ms`)}${sides}`];
  if (asked.jitterUpMs > 0 || asked.jitterDownMs > 0) {
    words.push(`±${both(asked.jitterUpMs, asked.jitterDownMs, (value) => `${number(value)} ms`)} jitter`);
  }
  if (asked.lossUp > 0 || asked.lossDown > 0)
    words.push(`${both(asked.lossUp, asked.lossDown, percent)} loss`);
  if (asked.burstLossUp !== undefined || asked.burstLossDown !== undefined) words.push('loss in bursts');
  if (asked.reorderUp !== undefined || asked.reorderDown !== undefined) {
    words.push(`${both(asked.reorderUp ?? 0, asked.reorderDown ?? 0, percent)} reordered`);
  }
  if (asked.duplicateUp !== undefined || asked.duplicateDown !== undefined) {
    words.push(`${both(asked.duplicateUp ?? 0, asked.duplicateDown ?? 0, percent)} duplicated`);
  }
  if (asked.rateUpKbit !== undefined) words.push(`${number(asked.rateUpKbit)} kbit/s up`);
  if (asked.rateDownKbit !== undefined) words.push(`${number(asked.rateDownKbit)} kbit/s down`);
  return words.join(', ');
}

/** How connections of a group meet its hop; undefined without one. */
export function pathKindOf({ cells }: Group): PathKind | undefined {
  return cells[0]?.path?.kind;
}

/** Where a group's connections go, in words: its link, and what is behind that. */
export function groupWords(group: Group): string {
  return `${linkWords(group.link)}${behindWords(group)}`;
}

/** What is behind the link of a group, to go on with; empty without a hop. */
function behindWords(group: Group): string {
  const { innerLink } = group;
  const kind = pathKindOf(group);
  if (kind === 'closed') return ' to a closed port';
  if (innerLink === undefined) return '';
  return kind === 'aside'
    ? `, subscribers behind ${linkWords(innerLink)}`
    : `, then ${linkWords(innerLink)} behind the hop`;
}

/** Where the figures of a group hold, to begin a sentence with. */
export function whereOf(group: Group): string {
  const { link } = group;
  if (link === undefined || !isNull(link)) return `At ${groupWords(group)}`;
  return `Over a link without delay${behindWords(group)}`;
}

/** What one trip over a group's link counts in predictions. */
export function delaysOf(group: Group): OneWayDelays {
  return group.link?.trip ?? { upMs: 0, downMs: 0 };
}

/** The same of the inner link; nothing without one. */
export function innerDelaysOf({ innerLink }: Group): OneWayDelays {
  return innerLink?.trip ?? { upMs: 0, downMs: 0 };
}

/** A milestone's distribution, or undefined where nothing was counted. */
export function distributionOf(cell: CellResult, milestone: Milestone): Distribution | undefined {
  const distribution = cell.milestones[milestone];
  return distribution === undefined || distribution.count === 0 ? undefined : distribution;
}

export function firstData(cell: CellResult): Distribution | undefined {
  return distributionOf(cell, FIRST_DATA);
}

/** The modes in the order in which the results name them. */
export function modesOf(results: Results): string[] {
  return [...new Set(results.cells.map(({ mode }) => mode))];
}

/**
 * The two modes that a group is told by: TLS 1.2 beside TLS 1.3 where both have samples, otherwise the slowest beside
 * the fastest. One or no cell when there are no more. Where all clients are refused, they are told by that.
 */
export function headliners(group: Group): CellResult[] {
  const brought = group.cells.filter((cell) => firstData(cell) !== undefined);
  const withData = brought.length > 0 ? brought : refusedCells(group);
  const named = ['tls12', 'tls13'].flatMap((mode) =>
    withData.filter((cell) => cell.mode === mode).slice(0, 1),
  );
  if (named.length === 2) return named;
  const median = (cell: CellResult): number =>
    distributionOf(cell, goalOf(cell).milestone)?.p50Ms ?? Number.POSITIVE_INFINITY;
  const bySpeed = withData.toSorted((a, b) => median(b) - median(a));
  return bySpeed.length < 3 ? bySpeed : [...bySpeed.slice(0, 1), ...bySpeed.slice(-1)];
}

/** Those of a group's cells whose clients were refused before they brought anything; a closed port is the same to all modes. */
function refusedCells(group: Group): CellResult[] {
  const refused = group.cells.filter((cell) => distributionOf(cell, 'refused') !== undefined);
  return pathKindOf(group) === 'closed' ? refused.slice(0, 1) : refused;
}

function unique(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let number = 2; taken.has(id); number++) id = `${wanted}-${number}`;
  taken.add(id);
  return id;
}
