import type { Negotiated } from '../measure/negotiated.ts';
import { BROKER_NAME, CLIENT_NAME } from '../pki/material.ts';
import type { Expected } from './mode.ts';

/** A parameter that was not negotiated as the mode asks. */
export interface Mismatch {
  /** Stable and countable: `mismatch:client.protocol`. */
  reason: string;
  detail: string;
}

/** Compares what one end says with what its mode expects. Empty when all agrees. */
export function mismatches(
  expected: Expected & { brokerNoDelay: boolean; brokerName?: string | undefined },
  end: 'client' | 'broker',
  negotiated: Negotiated,
): Mismatch[] {
  const peerShows = end === 'client' ? expected.brokerCertificate : expected.clientCertificate;
  // A client may keep the certificate that the broker showed when the session began.
  const remembered =
    end === 'client' &&
    expected.resumed &&
    expected.protocol !== undefined &&
    negotiated.peerName !== undefined;
  const wanted: { [K in keyof Required<Negotiated>]: string | boolean | undefined } = {
    protocol: expected.protocol,
    suite: expected.suite,
    // Node tells the group to the client only; that of others is known where a link looks at the wire.
    group:
      (end === 'client' && !expected.untold.includes('group')) || negotiated.group !== undefined
        ? expected.group
        : undefined,
    helloRetryRequest: negotiated.helloRetryRequest === undefined ? undefined : expected.helloRetryRequest,
    resumed: expected.protocol === undefined ? undefined : expected.resumed,
    pskIdentity: expected.psk ? (negotiated.pskIdentity ?? 'a PSK identity') : undefined,
    peerName:
      peerShows || remembered
        ? end === 'client'
          ? (expected.brokerName ?? BROKER_NAME)
          : CLIENT_NAME
        : undefined,
    ticket: wantedTicket(expected, end, negotiated),
    authenticated: end === 'broker' ? expected.authenticated : undefined,
    // Who was refused is judged by that alone.
    refusal: negotiated.refusal,
    noDelay: end === 'client' ? expected.clientNoDelay : expected.brokerNoDelay,
  };
  return Object.entries(wanted).flatMap(([name, want]) => {
    const got = negotiated[name as keyof Negotiated];
    if (got === want) return [];
    return [
      {
        reason: `mismatch:${end}.${name}`,
        detail: `the ${end} negotiated ${name} = ${got ?? 'none'}, the mode asks for ${want ?? 'none'}`,
      },
    ];
  });
}

/** A ticket is the client's to hold. Where the mode does not say, whether one is issued is the broker's own matter. */
function wantedTicket(
  { ticket, untold }: Expected,
  end: 'client' | 'broker',
  negotiated: Negotiated,
): boolean | undefined {
  if (ticket === 'none') return undefined;
  return ticket === 'held' && end === 'client' && !untold.includes('ticket') ? true : negotiated.ticket;
}
