import { perMessage } from '../../model/energy.ts';
import type { Results } from '../../results/schema.ts';
import type { Wake } from '../../results/wake-schema.ts';
import { enumeration, integer, slug } from '../format.ts';
import { groupWords, modesOf, type Group } from '../groups.ts';
import { modeStyles, ROLES, type ModeStyle } from '../palette.ts';
import { breakEvenOf, millijoulesText, radiosOf, staysOf, wakeTable } from '../workloads/wake.ts';
import { drawing, widthOf, type Chart, type Drawing, type Size } from './chart.ts';
import { legendOf } from './rows.ts';
import { SMALL_SIZE } from './theme.ts';

/** Energy a message over the messages that a connection carries, a chart for each radio with a panel for each keep-alive time. */
export function breakEvenCharts(group: Group, results: Results): Chart[] {
  const styles = modeStyles(modesOf(results));
  return radiosOf(group).flatMap((radio): Chart[] => {
    const panels = staysOf(group)
      .filter((stay) => stay.radio === radio)
      .map((stay): Panel => ({
        keepAliveSeconds: stay.keepAliveSeconds,
        lines: group.cells.flatMap(({ mode, wake }) => {
          const found = breakEvenOf(wake, stay);
          const style = styles.get(mode);
          return found === undefined || style === undefined ? [] : [{ mode, style, found }];
        }),
      }));
    const [first] = panels.flatMap(({ lines }) => lines);
    if (first === undefined) return [];
    return [
      {
        id: `wake-break-even-${group.id}-${slug(radio)}`,
        title: `Connect for every message, or stay connected: ${radio} radio, ${group.label}`,
        caption: `Millijoules a message, sleep included, over the messages that one connection carries before it is closed, at ${groupWords(group)}, a message each ${integer(first.found.intervalSeconds)} s, both axes logarithmic; modelled from measured bytes and times. At 1 every message has a connection of its own. A line that falls says that staying connected takes less: the handshake is shared by more messages. One that rises says that the pings in between take more than the handshakes that they save.`,
        alt: `Modelled energy a message: ${enumeration(panels.map(inWords))}.`,
        table: wakeTable(group),
        groupId: group.id,
        half: false,
        draw: (size) => draw(panels, size),
      },
    ];
  });
}

interface Line {
  mode: string;
  style: ModeStyle;
  found: Wake['breakEven'][number];
}

interface Panel {
  keepAliveSeconds: number;
  lines: Line[];
}

function inWords({ keepAliveSeconds, lines }: Panel): string {
  const modes = lines.map(
    ({ mode, found }) =>
      `${mode} from ${millijoulesText(found.connectMillijoules)} to ${millijoulesText(found.stayMillijoules)} mJ`,
  );
  return `with a ping each ${keepAliveSeconds} s ${enumeration(modes)}`;
}

/** Connections carry up to so many messages. */
const MOST_MESSAGES = 1000;
const STEPS_PER_DECADE = 40;

function pointsOf({ found }: Line): { messages: number; mj: number }[] {
  return Array.from({ length: Math.log10(MOST_MESSAGES) * STEPS_PER_DECADE + 1 }, (_, step) => {
    const messages = 10 ** (step / STEPS_PER_DECADE);
    return { messages, mj: perMessage(found, messages) };
  });
}

const PANEL = { wide: 200, narrow: 160 };
const PANEL_GAP = 34;

function draw(panels: readonly Panel[], size: Size): Drawing {
  const width = widthOf(size, false);
  const left = 52;
  const modes = new Map(
    panels.flatMap(({ lines }) => lines.map(({ mode, style }) => [mode, style.color] as const)),
  );
  const entries = [...modes].map(([name, color]) => ({ name, color }));
  const legend = legendOf(entries, { left: 0, width: width - left - 16 });
  const values = panels.flatMap(({ lines }) => lines.flatMap((line) => pointsOf(line).map(({ mj }) => mj)));
  const domain = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  const height = PANEL[size];
  const padding = { left, right: 16, top: legend.height + 34, bottom: 44 };
  const innerHeight = panels.length * height + (panels.length - 1) * PANEL_GAP;
  return drawing({ width, innerHeight, padding }, (inner) => ({
    spacing: PANEL_GAP,
    bounds: 'flush',
    vconcat: panels.map((panel, index) =>
      panelSpec(panel, {
        width: inner.width,
        height,
        domain,
        above: index === 0 ? legend.layers : [],
        last: index === panels.length - 1,
      }),
    ),
  }));
}

function panelSpec(
  { keepAliveSeconds, lines }: Panel,
  frame: { width: number; height: number; domain: number[]; above: object[]; last: boolean },
): object {
  const x = {
    field: 'messages',
    type: 'quantitative',
    scale: { type: 'log', domain: [1, MOST_MESSAGES], nice: false },
    axis: {
      grid: false,
      values: [1, 10, 100, 1000],
      format: ',d',
      labels: frame.last,
      title: frame.last ? 'messages that a connection carries' : null,
    },
  };
  const y = {
    field: 'mj',
    type: 'quantitative',
    scale: { type: 'log', domain: frame.domain, nice: false },
    axis: { title: null, domain: false, ticks: false, tickCount: 4, format: '~s' },
  };
  return {
    width: frame.width,
    height: frame.height,
    layer: [
      // The legend is placed from the top of the panel; the panel's own words stand between them.
      ...frame.above.map((layer) => raised(layer)),
      ...lines.map((line) => ({
        data: { values: pointsOf(line) },
        mark: { type: 'line', color: line.style.color, strokeDash: line.style.dash, strokeWidth: 2 },
        encoding: { x, y },
      })),
      {
        data: { values: [{}] },
        mark: { type: 'text', align: 'left', color: ROLES.muted.light, fontSize: SMALL_SIZE },
        encoding: {
          x: { value: -48 },
          y: { value: -12 },
          text: { value: `mJ a message, a ping each ${integer(keepAliveSeconds)} s` },
        },
      },
    ],
  };
}

/** How far above the panel's words the legend stands. */
const RAISE = 20;

function raised(layer: object): object {
  const { data, ...rest } = layer as { data: { values: { y: number; top: number; bottom: number }[] } };
  const values = data.values.map((value) => ({
    ...value,
    y: value.y - RAISE,
    top: value.top - RAISE,
    bottom: value.bottom - RAISE,
  }));
  return { ...rest, data: { values } };
}
