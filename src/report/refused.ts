import type { CellResult, Distribution } from '../results/schema.ts';
import { integer, msText } from './format.ts';
import { distributionOf, type Group } from './groups.ts';
import { unexplained } from './residuals.ts';
import { tripsInWords } from './trips.ts';

interface Refusal {
  cell: CellResult;
  data: Distribution;
}

/**
 * What a group says in which nobody brings first data to the broker: when clients learn that they are refused, or give up
 * where nothing answers. `where` begins the sentences.
 */
export function refusedSentences(group: Group, where: string): string[] {
  const refusals = group.cells
    .flatMap((cell): Refusal[] => {
      const data = distributionOf(cell, 'refused');
      return data === undefined ? [] : [{ cell, data }];
    })
    .toSorted((a, b) => a.data.p50Ms - b.data.p50Ms);
  const answered = refusals.filter(({ cell }) => cell.trips.refused !== undefined);
  if (answered.length > 0) {
    return [
      `${where} a client is refused after ${range(answered, refusedAfter)}.`,
      ...unexplained(group.cells, group.link, 'refused'),
      `${mediansOf(answered)}, from the client’s intended start until it learns that it is refused.`,
    ];
  }
  if (refusals.length > 0) {
    const sum = (count: 'ok' | 'attempted'): number =>
      refusals.reduce((all, { cell: { samples } }) => all + samples[count], 0);
    return [
      `${where} a client hears nothing until it gives up, after ${range(refusals, ({ data }) => msText(data.p50Ms))}, its own time limit: ${integer(sum('ok'))} of ${integer(sum('attempted'))} did.`,
      `${mediansOf(refusals)}, from the client’s intended start until it gives up.`,
    ];
  }
  return [`${where} no connection brought its first byte to the broker, so these results hold no answer.`];
}

function refusedAfter({ cell, data }: Refusal, several: boolean): string {
  const trips = cell.trips.refused;
  const mode = several ? ` with ${cell.mode}` : '';
  return `${msText(data.p50Ms)}${mode}${trips === undefined ? '' : ` (${tripsInWords(trips)})`}`;
}

/** From the least to the most, where they differ as they are written. */
function range(sorted: readonly Refusal[], write: (refusal: Refusal, several: boolean) => string): string {
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return '';
  const alone = write(least, false);
  return alone === write(most, false) ? alone : `${write(least, true)} to ${write(most, true)}`;
}

function mediansOf(refusals: readonly Refusal[]): string {
  const counts = refusals.map(({ data }) => data.count);
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  const many = fewest === most ? integer(most) : `${integer(fewest)} to ${integer(most)}`;
  return refusals.length === 1 ? `Median of ${many} attempts` : `Medians of ${many} attempts each`;
}
