import { FIRST_DATA } from '../../../measure/milestones.ts';
import type { Sample } from '../../../measure/sample.ts';
import { JUDGED } from '../../trips.ts';
import { completed, counted, medianOf, msWords, type Reason } from '../line.ts';

/** A smaller share of attempts moves nothing that the figures show, the 99th percentile included. */
const WORTH_TELLING = 0.01;

/**
 * Segments that were sent again, for loss or what TCP took for it: a timeout of 200 ms or more on Linux, a second for
 * a SYN (RFC 6298 §2.1), or a round trip where later segments tell of the hole (RFC 6675). It makes tails, and moves a
 * median only where most attempts have it.
 */
export const retransmission = {
  name: 'retransmission',
  looksFor: 'segments that were sent again, in at least 1 % of the attempts of a link',
  find: ({ cells }) => {
    const links = cells.flatMap(({ link, pureDelay, attempts }) => {
      const counts = attempts.filter(({ retransmitted }) => retransmitted !== undefined);
      const again = counts.filter(({ retransmitted = 0 }) => retransmitted > 0);
      if (again.length === 0 || again.length < WORTH_TELLING * counts.length) return [];
      return [{ link: link.id, pureDelay, attempts: counts, again, share: again.length / counts.length }];
    });
    const worst = links.toSorted((a, b) => b.share - a.share)[0];
    if (worst === undefined) return undefined;
    const { link, attempts, again } = worst;
    const segments = again.reduce((sum, { retransmitted = 0 }) => sum + retransmitted, 0);
    const most = links.some(({ pureDelay, share }) => pureDelay && share >= 0.5);
    return {
      evidence: `Over ${link} ${counted(segments, 'segment')} of ${again.length} of ${attempts.length} attempts had to be sent again${tailWords(attempts)}.`,
      explains: most ? JUDGED : [],
    };
  },
} as const satisfies Reason;

function tailWords(attempts: readonly Sample[]): string {
  const first = (whole: boolean): number[] =>
    completed(attempts).flatMap(({ retransmitted = 0, milestonesMs }) =>
      retransmitted > 0 === whole ? (milestonesMs[FIRST_DATA] ?? []) : [],
    );
  const [again, others] = [first(true), first(false)];
  const [slow, quick] = [medianOf(again), medianOf(others)];
  if (slow === undefined) return '';
  const against = quick === undefined ? '' : ` against ${msWords(quick)} for the others`;
  return `: their median of first data is ${msWords(slow)}${against}, the slowest took ${msWords(Math.max(...again))}`;
}
