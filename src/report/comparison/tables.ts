import type { ComparedCell, Comparison, Effect } from '../../compare/comparison.ts';
import type { Check, Gate } from '../../gate/gate.ts';
import { fixed, NONE, signedMs } from '../format.ts';
import { columnsOf, type Row, type Table } from '../tables.ts';

/** Each cell's first data, and whatever else is not as it was. */
export function changesTable(comparison: Comparison): Table {
  return effectsTable(
    comparison,
    ({ verdict, judged, kind }, first) => (judged && verdict !== 'unchanged') || (first && kind === 'timing'),
  );
}

/** Everything that was compared. */
export function allEffectsTable(comparison: Comparison): Table {
  return effectsTable(comparison, () => true);
}

function effectsTable(
  { cells, groups }: Comparison,
  shown: (effect: Effect, first: boolean) => boolean,
): Table {
  const name = shortNames([...cells, ...groups].map(({ id }) => id));
  const rowsOf = ({ id, effects }: Pick<ComparedCell, 'id' | 'effects'>): Row[] =>
    effects
      .filter((effect, index) => shown(effect, index === 0))
      .map((effect) => ({ cells: [name(id), ...rowOf(effect)], strong: effect.verdict === 'regressed' }));
  const changed = groups.filter(({ verdict }) => verdict !== 'unchanged');
  return {
    columns: columnsOf(
      'cell',
      'what',
      '#baseline',
      '#candidate',
      '#difference',
      '#95\u00A0% interval',
      'verdict',
    ),
    rows: [...cells.flatMap(rowsOf), ...changed.flatMap(rowsOf)],
  };
}

function rowOf(effect: Effect): string[] {
  const { what, unit, verdict, judged, baseline, candidate, difference, differencePercent, interval } =
    effect;
  const digits = unit === 'bytes' ? 0 : 2;
  const figure = (value: number | undefined): string =>
    value === undefined ? NONE : `${fixed(value, digits)} ${unit}`.trimEnd();
  const percent = differencePercent === undefined ? '' : ` (${signedTenths(differencePercent)} %)`;
  return [
    nameOf(effect),
    figure(baseline),
    figure(candidate),
    difference === undefined ? NONE : `${signed(difference, digits)}${percent}`,
    interval === undefined ? NONE : `${signedMs(interval.low)} to ${signedMs(interval.high)}`,
    judged ? verdict : `${verdict}, not judged`,
  ].map((cell, index) => (index === 0 && what === '' ? NONE : cell));
}

/** What an effect is about, in words of a table. */
export function nameOf({ kind, what }: Effect): string {
  if (kind === 'trips') return `trips to ${what}`;
  if (kind === 'missing') return `missing: ${what}`;
  return what;
}

/** The checks of a gate: those that failed, or all. */
export function checksTable({ checks }: Gate, which: 'failed' | 'all'): Table {
  const rows = which === 'all' ? checks : checks.filter(({ passed }) => !passed);
  const name = shortNames(checks.map(({ cell }) => cell));
  return {
    columns: columnsOf('cell', 'expectation', 'expected', 'found', 'verdict'),
    rows: rows.map((check) => ({
      cells: [
        name(check.cell),
        expectationOf(check),
        check.expected,
        check.found,
        check.passed ? 'holds' : 'fails',
      ],
      strong: !check.passed,
    })),
  };
}

/** `trips connectReceived`. */
export function expectationOf({ expectation, what }: Check): string {
  return expectation === what || what === '' ? expectation : `${expectation} ${what}`;
}

/** Names without the end that all of them share: `tls13/reference`, where broker, topology and workload are the same. */
function shortNames(ids: readonly string[]): (id: string) => string {
  const parts = ids.map((id) => id.split('/'));
  const tails = new Set(parts.filter((part) => part.length === 5).map((part) => part.slice(2).join('/')));
  const [tail] = tails;
  if (tails.size !== 1 || tail === undefined) return (id) => id;
  return (id) =>
    id.endsWith(`/${tail}`)
      ? id.slice(0, -tail.length - 1) + (id.split('/').length === 4 ? ' together' : '')
      : id;
}

function signed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

function signedTenths(value: number): string {
  return signed(value, 1);
}
