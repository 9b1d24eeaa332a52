import type { Milestone } from '../../measure/milestones.ts';
import type { EnergyParts } from '../../model/energy.ts';
import type { CellResult, Results } from '../../results/schema.ts';
import { enumeration, msText, slug } from '../format.ts';
import { distributionOf, fleetGroups, groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, PARTS } from '../palette.ts';
import { ASLEEP, energyOf, millijoulesText, radiosOf, wakeTable } from '../workloads/wake.ts';
import type { Chart, ChartKind } from './chart.ts';
import { drawStacked, stacked, type StackedRow } from './stacked-rows.ts';
import { breakEvenCharts } from './wake-break-even.ts';

/** What a wake-up takes: time by what is done in it, energy by what the radio does, and whether staying connected takes less. */
export const wakeChart: ChartKind = {
  id: 'wake',
  of: (results) =>
    fleetGroups(results, 'wake').flatMap((group) => [
      ...awakeChart(group, results),
      ...radiosOf(group).flatMap((radio) => energyChart(group, radio, results)),
      ...breakEvenCharts(group, results),
    ]),
};

const PHASES = [
  { name: 'TCP', color: PARTS.trips.light },
  { name: 'TLS', color: PARTS.serialization.light },
  { name: 'MQTT until the last answer', color: PARTS.compute.light },
  { name: 'disconnecting', color: PARTS.residual.light },
];

/** Times awake between the medians of the milestones that end each part; their last one is the median time awake. */
function phasesOf(cell: CellResult): number[] | undefined {
  const at = (...names: Milestone[]): number | undefined =>
    names.map((name) => distributionOf(cell, name)?.p50Ms).find((p50Ms) => p50Ms !== undefined);
  const asleep = at(ASLEEP);
  const connected = at('tcpConnected');
  const answered = at('pubcompReceived', 'pubackReceived', 'connackReceived');
  if (asleep === undefined || connected === undefined || answered === undefined) return undefined;
  const secured = at('clientHandshakeDone') ?? connected;
  const ends = [connected, secured, answered, asleep];
  return ends.map((end, index) => Math.max(0, end - (ends[index - 1] ?? 0)));
}

function awakeChart(group: Group, results: Results): Chart[] {
  const styles = modeStyles(modesOf(results));
  const cells = group.cells.flatMap((cell) => {
    const phases = phasesOf(cell);
    return phases === undefined ? [] : [{ cell, phases }];
  });
  if (cells.length === 0) return [];
  const awakeOf = (cell: CellResult): string => msText(distributionOf(cell, ASLEEP)?.p50Ms);
  const rows = cells.map(({ cell, phases }): StackedRow => ({
    mode: cell.mode,
    segments: stacked(phases.map((value, index) => ({ value, color: PHASES[index]?.color ?? '' }))),
    figure: awakeOf(cell),
    mark: cell.trips[ASLEEP]?.predictedMs,
  }));
  const legend = PHASES.filter((_, index) => cells.some(({ phases }) => (phases[index] ?? 0) > 0));
  return [
    {
      id: `wake-awake-${group.id}`,
      title: `Time awake, ${group.label}`,
      caption: `From waking, the intended start, until the socket is closed, at ${groupWords(group)}: medians in milliseconds, measured, between the milestones at which TCP is connected, TLS is done, the last answer is there and the socket is closed. Upright mark: predicted from the trips of theory and the measured delay, and the bytes at the link’s rate where it has one.`,
      alt: `Time awake by mode: ${enumeration(cells.map(({ cell }) => `${cell.mode} ${awakeOf(cell)}`))}.`,
      table: wakeTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => drawStacked(rows, styles, { legend, axis: 'ms from waking' }, size),
    },
  ];
}

const STATES = [
  { name: 'getting connected to the network', color: PARTS.serialization.light },
  { name: 'sending and receiving', color: PARTS.residual.light },
  { name: 'waiting for answers', color: PARTS.trips.light },
  { name: 'tail', color: PARTS.compute.light },
];

/** Millijoules in each of {@link STATES}. */
function statesOf({ promotion, transmit, receive, listen, tail }: EnergyParts): number[] {
  return [promotion, transmit + receive, listen, tail];
}

function energyChart(group: Group, radio: string, results: Results): Chart[] {
  const styles = modeStyles(modesOf(results));
  const all = group.cells.flatMap(({ mode, wake }) => {
    const energy = energyOf(wake, radio);
    return energy === undefined ? [] : [{ mode, ...energy }];
  });
  const [first] = all;
  if (first === undefined) return [];
  const rows = all.map(({ mode, parts, perWakeMillijoules }): StackedRow => ({
    mode,
    segments: stacked(statesOf(parts).map((value, index) => ({ value, color: STATES[index]?.color ?? '' }))),
    figure: `${millijoulesText(perWakeMillijoules)} mJ`,
  }));
  const legend = STATES.filter((_, index) => all.some(({ parts }) => (statesOf(parts)[index] ?? 0) > 0));
  const { source, synthetic } = first.radio;
  return [
    {
      id: `wake-energy-${group.id}-${slug(radio)}`,
      title: `Energy of a wake-up, ${radio} radio, ${group.label}`,
      caption: `Millijoules that the ${radio} radio takes for one wake-up at ${groupWords(group)}, by what it does: modelled, from the median time awake, the median bytes and the radio’s power in each state. Source of the powers: ${source}${synthetic ? '; some are a choice inside what it reports' : ''}.`,
      alt: `Modelled energy of a wake-up by mode: ${enumeration(rows.map(({ mode, figure }) => `${mode} ${figure}`))}.`,
      table: wakeTable(group),
      groupId: group.id,
      half: false,
      draw: (size) => drawStacked(rows, styles, { legend, axis: 'mJ, modelled' }, size),
    },
  ];
}
