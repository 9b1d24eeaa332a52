import { JUDGED } from '../../trips.ts';
import { completed, type Reason } from '../line.ts';

/**
 * A HelloRetryRequest that the mode does not expect, or the lack of one that it does: the broker asks for another
 * ClientHello where it does not have the group of the client's key share, which takes a round trip (RFC 8446 §2.1).
 */
export const helloRetryRequest = {
  name: 'hello-retry-request',
  looksFor: 'a HelloRetryRequest on the wire that the mode does not expect, or none where it does',
  find: ({ mode, cells }) => {
    const { helloRetryRequest: expected, protocol } = mode.expected;
    if (protocol !== 'TLSv1.3') return undefined;
    const seen = cells.flatMap(({ attempts }) =>
      completed(attempts).flatMap(({ negotiated }) => negotiated.client?.helloRetryRequest ?? []),
    );
    const odd = seen.filter((retried) => retried !== expected).length;
    if (odd === 0) return undefined;
    const evidence = expected
      ? `In ${odd} of ${seen.length} attempts no HelloRetryRequest was on the wire, where the mode asks for one: two trips less (RFC 8446 §2.1).`
      : `In ${odd} of ${seen.length} attempts a HelloRetryRequest was on the wire: the broker did not have the group of the client’s key share and asked for another, two trips more (RFC 8446 §2.1).`;
    // A median is moved by what most did.
    return { evidence, explains: 2 * odd >= seen.length ? JUDGED : [] };
  },
} as const satisfies Reason;
