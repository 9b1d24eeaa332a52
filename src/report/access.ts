import type { Milestone } from '../measure/milestones.ts';
import type { CellResult, Results } from '../results/schema.ts';
import { median } from '../stats/median.ts';
import { counted } from '../words.ts';
import { enumeration, integer, ms, NONE, signedMs } from './format.ts';
import { distributionOf, handshakeGroups } from './groups.ts';
import { columnsOf, type Table } from './tables.ts';

/** Milestones at which access management may show, and how they are told. */
const SHOWN = {
  connackReceived: 'CONNACK',
  subackReceived: 'SUBACK',
  delivered: 'delivery',
  refused: 'refusal',
} as const satisfies Partial<Record<Milestone, string>>;
type Shown = keyof typeof SHOWN;
const SHOWN_NAMES = Object.keys(SHOWN) as Shown[];

/** What access management does to one milestone of a cell. */
export interface AccessCost {
  cell: CellResult;
  milestone: Shown;
  p50Ms: number;
  /** How much later it is in theory. */
  predictedMs: number;
  /** How much later its median is than that of the same cell on a broker of its kind without; undefined without one. */
  measuredMs: number | undefined;
}

/** One entry for each cell over a real link whose broker asked access management, and each milestone at which that may show. */
function accessCosts(results: Results): AccessCost[] {
  const real = new Set(handshakeGroups(results).flatMap(({ cells }) => cells));
  return results.cells.flatMap((cell) => {
    // Who is refused by his credentials was asked about nowhere.
    if (!real.has(cell) || cell.access === undefined || cell.access.asked + cell.access.kept === 0) return [];
    const twin = withoutAccess(results, cell);
    return SHOWN_NAMES.flatMap((milestone): AccessCost[] => {
      const here = distributionOf(cell, milestone);
      if (here === undefined) return [];
      const there = twin && distributionOf(twin, milestone);
      return [
        {
          cell,
          milestone,
          p50Ms: here.p50Ms,
          predictedMs: cell.trips[milestone]?.accessMs ?? 0,
          measuredMs: there && here.p50Ms - there.p50Ms,
        },
      ];
    });
  });
}

/** What it costs, a row for each cell and milestone; without rows where no broker has access management. */
export function accessTable(results: Results): Table {
  return {
    columns: columnsOf(
      'mode',
      'broker',
      'link',
      'asked',
      '#asked of the service',
      '#kept',
      '#denied',
      '#unanswered',
      '#answer p50 ms',
      'until',
      '#p50 ms',
      '#later in theory ms',
      '#later than without ms',
    ),
    rows: accessCosts(results).map(({ cell, milestone, p50Ms, predictedMs, measuredMs }) => {
      const { asked, kept, denied, unanswered, askedP50Ms } = cell.access ?? {};
      return {
        cells: [
          cell.mode,
          cell.broker,
          cell.link,
          askedInWords(cell.access),
          ...[asked, kept, denied, unanswered].map(integer),
          ms(askedP50Ms),
          SHOWN[milestone],
          ms(p50Ms),
          signedMs(predictedMs),
          signedMs(measuredMs),
        ],
      };
    }),
  };
}

/** What the columns are, for the words beside the table. */
export const ACCESS_WORDS =
  'Asked of the service: questions that the broker put to the access-management service, over all attempts that count; kept: those to which it had an answer already; unanswered: those after which it refused because nobody answered in time. Answer p50: from the broker’s question until it held the answer. Later in theory: the delay that the service was told to have, where that milestone waits for it. Later than without: median less that of the same mode and link on a broker of the same kind without access management. First data waits for none of it.';

/** A sentence for each broker with access management: medians over the modes and links that theory says the same of. */
export function accessSentences(results: Results): string[] {
  return [...Map.groupBy(accessCosts(results), ({ cell }) => cell.broker)].map(([broker, costs]) => {
    const parts = SHOWN_NAMES.flatMap((milestone) => {
      // Who is denied has nobody to be compared with.
      const own = costs.filter((cost) => cost.milestone === milestone && milestone !== 'refused');
      return [...Map.groupBy(own, ({ predictedMs }) => predictedMs)].flatMap(([theory, alike]) => {
        const measured = alike.flatMap(({ measuredMs }) => measuredMs ?? []);
        if (measured.length === 0) return [];
        const modes = counted(new Set(alike.map(({ cell }) => cell.mode)).size, 'mode');
        return [
          `${SHOWN[milestone]} ${signedMs(median(measured))} ms where theory says ${signedMs(theory)} (${modes})`,
        ];
      });
    });
    const denials = sum(
      cellsOf(costs).map(({ access }) => (access?.denied ?? 0) + (access?.unanswered ?? 0)),
    );
    const how = askedInWords(costs[0]?.cell.access);
    const said = parts.length === 0 ? '' : `; later than without: ${enumeration(parts)}`;
    const refused = denials === 0 ? '' : `; clients denied their topic ${counted(denials, 'time')}`;
    return `Access management of ${broker}, asked ${how}${said}${refused}.`;
  });
}

function askedInWords(access: CellResult['access']): string {
  if (access === undefined) return NONE;
  const { at, cache } = access;
  return `${at === 'connect' ? 'at CONNECT' : 'at each topic'}${cache ? ', answers kept' : ''}`;
}

/** The same cell on a broker of the same kind that asks nobody. */
function withoutAccess({ cells, scenario }: Results, cell: CellResult): CellResult | undefined {
  const { mode, link, topology, workload } = cell;
  return cells.find(
    (other) =>
      other.access === undefined &&
      other.mode === mode &&
      other.link === link &&
      other.topology === topology &&
      other.workload === workload &&
      kindOf(scenario, other.broker) === kindOf(scenario, cell.broker),
  );
}

/** The kind of a broker, which the scenario tells by its id; any version may have written it. */
function kindOf(scenario: Results['scenario'], id: string): string {
  const { brokers } = scenario as { brokers?: unknown };
  const known = Array.isArray(brokers) ? (brokers as { id?: unknown; name?: unknown }[]) : [];
  const name = known.find((broker) => broker.id === id)?.name;
  return typeof name === 'string' ? name : id;
}

function cellsOf(costs: readonly AccessCost[]): CellResult[] {
  return [...new Set(costs.map(({ cell }) => cell))];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
