import type { Sample } from '../../../measure/sample.ts';
import { JUDGED } from '../../trips.ts';
import { completed, medianOf, type Reason } from '../line.ts';

/**
 * Attempts of a mode that resumes sessions in which a full handshake was done instead: the broker does not know the
 * session any more, or not the key of its ticket. In TLS 1.2 that is a round trip more (RFC 5246 §7.3), in TLS 1.3 as
 * many trips and a certificate's bytes more (RFC 8446 §2.2).
 */
export const lostResumption = {
  name: 'lost-resumption',
  looksFor: 'full handshakes in a mode that resumes sessions',
  find: ({ mode, cells }) => {
    if (!mode.expected.resumed) return undefined;
    const seen = cells.flatMap(({ attempts }) =>
      completed(attempts).filter(({ negotiated }) => negotiated.client?.resumed !== undefined),
    );
    const lost = seen.filter(({ negotiated }) => negotiated.client?.resumed === false);
    if (lost.length === 0) return undefined;
    const what = `In ${lost.length} of ${seen.length} attempts the session was not resumed and a full handshake was done instead`;
    if (mode.expected.protocol === 'TLSv1.2') {
      return {
        evidence: `${what}: two trips more (RFC 5246 §7.3).`,
        // A median is moved by what most did.
        explains: 2 * lost.length >= seen.length ? JUDGED : [],
      };
    }
    return {
      evidence: `${what}: no trip more, but bytes (RFC 8446 §2.2)${bytesWords(lost, seen)}.`,
      explains: [],
    };
  },
} as const satisfies Reason;

function bytesWords(lost: readonly Sample[], seen: readonly Sample[]): string {
  const full = medianOf(lost.flatMap(bytesOf));
  const resumed = medianOf(
    seen.filter(({ negotiated }) => negotiated.client?.resumed === true).flatMap(bytesOf),
  );
  if (full === undefined) return '';
  return `: ${Math.round(full)}${resumed === undefined ? '' : ` against ${Math.round(resumed)}`}`;
}

function bytesOf({ bytes }: Sample): number[] {
  return bytes === undefined ? [] : [bytes.handshakeUp + bytes.handshakeDown];
}
