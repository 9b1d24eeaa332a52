import type { Sample } from '../../../measure/sample.ts';
import { meanDelayMs } from '../../../model/predict.ts';
import { JUDGED } from '../../trips.ts';
import { completed, medianOf, msWords, type LineCell, type Reason } from '../line.ts';
import { counted } from '../../../words.ts';

/** A smaller share of attempts moves nothing that the figures show, the 99th percentile included. */
const WORTH_TELLING = 0.01;
/** Where delays are shorter, what a busy machine adds would be read as the effect. */
const LEAST_EFFECT_MS = 10;

/**
 * Segments that were sent again, for loss or what TCP took for it: a timeout of 200 ms or more on Linux, a second for
 * a SYN (RFC 6298 §2.1), or a round trip where later segments tell of the hole (RFC 6675). It makes tails, and moves a
 * median only where most attempts have it. Those that cost no round trip are not told: over links without delay a
 * probe for a lost tail (RFC 8985 §7) leaves whenever the other end's process is not on its turn.
 */
export const retransmission = {
  name: 'retransmission',
  looksFor:
    'segments sent again in 1 % of the attempts of a link or more, which then took a round trip longer',
  find: ({ cells }) => {
    const links = cells.flatMap((cell) => repeatedOf(cell) ?? []);
    const worst = links.toSorted((a, b) => b.share - a.share)[0];
    if (worst === undefined) return undefined;
    const most = links.some(({ pureDelay, share }) => pureDelay && share >= 0.5);
    return { evidence: worst.evidence, explains: most ? JUDGED : [] };
  },
} as const satisfies Reason;

interface Repeated {
  pureDelay: boolean;
  /** Of the link's attempts, those that it cost something. */
  share: number;
  evidence: string;
}

function repeatedOf({ link, pureDelay, attempts }: LineCell): Repeated | undefined {
  const counts = attempts.filter(({ retransmitted }) => retransmitted !== undefined);
  const again = counts.filter(({ retransmitted = 0 }) => retransmitted > 0);
  if (again.length === 0) return undefined;
  const failed = again.filter(({ outcome }) => outcome.status === 'failed').length;
  const ends = completed(again).map(endMs);
  const others = completed(counts.filter((sample) => !again.includes(sample))).map(endMs);
  const [slow, quick] = [medianOf(ends), medianOf(others)];
  const effectMs = Math.max(2 * meanDelayMs(link.trip), LEAST_EFFECT_MS);
  // Much of what is sent again is so after the last milestone, when it costs nothing.
  const late = ends.filter((ms) => quick === undefined || ms - quick >= effectMs).length;
  if (late + failed < WORTH_TELLING * counts.length || late + failed === 0) return undefined;
  const segments = again.reduce((sum, { retransmitted = 0 }) => sum + retransmitted, 0);
  const against = quick === undefined ? '' : ` against ${msWords(quick)} of the others`;
  const tail =
    slow === undefined
      ? ''
      : `: their median time to the last milestone is ${msWords(slow)}${against}, the slowest took ${msWords(Math.max(...ends))}`;
  const lost = failed === 0 ? '' : `; ${failed} of them failed`;
  return {
    pureDelay,
    share: (late + failed) / counts.length,
    evidence: `Over ${link.id} ${counted(segments, 'segment')} of ${again.length} of ${counts.length} attempts had to be sent again${tail}${lost}.`,
  };
}

function endMs({ milestonesMs }: Sample): number {
  return Math.max(...Object.values(milestonesMs));
}
