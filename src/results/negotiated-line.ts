import type { Negotiated } from '../measure/negotiated.ts';

/** What both ends of an attempt agreed on, as a cell's results count it. */
export interface NegotiatedLine {
  /** Absent without TLS. */
  protocol?: string;
  suite?: string;
  group?: string;
  resumed: boolean;
  psk: boolean;
  brokerVerified: boolean;
  clientVerified: boolean;
}

/** The line of what a client tells; who the broker verified is the broker's to tell. */
export function lineOf(
  { protocol, suite, group, resumed, pskIdentity, peerName }: Negotiated,
  clientVerified: boolean,
): string {
  return negotiatedLine({
    ...(protocol === undefined ? {} : { protocol }),
    ...(suite === undefined ? {} : { suite }),
    ...(group === undefined ? {} : { group }),
    resumed: resumed === true,
    psk: pskIdentity !== undefined,
    brokerVerified: peerName !== undefined,
    clientVerified,
  });
}

const NO_TLS = 'no TLS';
const FLAGS = {
  resumed: 'resumed',
  psk: 'PSK',
  brokerVerified: 'broker verified',
  clientVerified: 'client verified',
} as const;

/** One line: `TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, broker verified`. */
export function negotiatedLine({ protocol, suite, group, ...flags }: NegotiatedLine): string {
  const told = Object.entries(FLAGS).flatMap(([name, word]) =>
    flags[name as keyof typeof FLAGS] ? [word as string] : [],
  );
  return [protocol ?? NO_TLS, suite, group, ...told].filter((part) => part !== undefined).join(', ');
}

/** Reads such a line again. */
export function parseNegotiatedLine(line: string): NegotiatedLine {
  const parts = line.split(', ');
  const words: string[] = Object.values(FLAGS);
  const protocol = parts.find((part) => part.startsWith('TLSv'));
  const suite = parts.find((part) => part.startsWith('TLS_'));
  const group = parts.find(
    (part) => part !== protocol && part !== suite && part !== NO_TLS && !words.includes(part),
  );
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(suite === undefined ? {} : { suite }),
    ...(group === undefined ? {} : { group }),
    resumed: parts.includes(FLAGS.resumed),
    psk: parts.includes(FLAGS.psk),
    brokerVerified: parts.includes(FLAGS.brokerVerified),
    clientVerified: parts.includes(FLAGS.clientVerified),
  };
}
