import { SYNTHETIC, type About } from './capture.ts';
import type { Dissected, Row } from './dissect.ts';

/** The columns of a listing, as protocol analysers have them. */
export const HEAD = ['no.', 'time s', 'delta s', 'source', 'destination', 'protocol', 'length', 'info'];
export const ALIGNS: ('left' | 'right')[] = [
  'right',
  'right',
  'right',
  'left',
  'left',
  'left',
  'right',
  'left',
];

/** What is said of a segment that is not the next of its stream, in the words of Wireshark. */
const PLACES: Record<Row['tcp']['place'], string | undefined> = {
  next: undefined,
  retransmission: 'TCP Retransmission',
  'behind-hole': 'TCP Previous segment not captured',
  'fills-hole': 'TCP Out-Of-Order',
};

/** One packet in the columns of {@link HEAD}. */
export function cellsOf(row: Row): string[] {
  return [
    String(row.number),
    row.timeSeconds.toFixed(6),
    row.sincePreviousSeconds.toFixed(6),
    row.source,
    row.destination,
    row.protocol,
    String(row.lengthBytes),
    infoOf(row),
  ];
}

/** What ends in a packet; of one in which nothing does, its TCP header. */
export function infoOf({ tcp, contents, endsIn }: Row): string {
  const { flags, sequence, acknowledgement, payloadBytes, place } = tcp;
  const word = PLACES[place];
  const remarks = word === undefined ? [] : [`[${word}]`];
  if (contents.length > 0) {
    // How the connection ends stands beside what it says last.
    const ends = flags.filter((flag) => flag === 'FIN' || flag === 'RST');
    const names = contents.map(({ name }) => name).join(', ');
    return [...remarks, names, ...ends.map((flag) => `[${flag}]`)].join(' ');
  }
  const numbers = [
    `Seq=${sequence}`,
    ...(acknowledgement === undefined ? [] : [`Ack=${acknowledgement}`]),
    `Len=${payloadBytes}`,
  ];
  const rest = endsIn === undefined ? [] : [`[ends in no. ${endsIn}]`];
  return [...remarks, `[${flags.join(', ')}]`, ...numbers, ...rest].join(' ');
}

/** What was traced, above a listing. */
export function headLines(about: About): string[] {
  const { mode, link, backend, broker, qos, payloadBytes, synthetic } = about;
  return [
    `One connection: ${mode} over ${link} (${backend}) to ${broker}, QoS ${qos}, ${payloadBytes} bytes`,
    synthetic
      ? SYNTHETIC
      : "Packets of the kernel's TCP at the client's end: its own as they left, the broker's as they came.",
  ];
}

/** What came of it, below a listing. */
export function footLines({ rows, tls }: Dissected, { outcome }: Pick<About, 'outcome'>): string[] {
  const last = rows.at(-1);
  const bytes = rows.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  return [
    `${rows.length} packets, ${bytes} bytes, ${(last?.timeSeconds ?? 0).toFixed(6)} s`,
    ...(tls === undefined ? [] : [tlsLine(tls)]),
    ...(outcome.status === 'ok'
      ? []
      : [
          `The connection ${outcome.status === 'refused' ? 'was refused' : 'failed'}: ${outcome.reason} (${outcome.detail})`,
        ]),
  ];
}

function tlsLine({ version, suite, unreadRecords }: NonNullable<Dissected['tls']>): string {
  const what = version === undefined ? 'TLS, without a ServerHello' : `${version}, ${suite}`;
  const how =
    unreadRecords === 0
      ? 'every encrypted record was decrypted'
      : `${unreadRecords} encrypted records could not be decrypted, and are named by their type alone`;
  return `${what}; ${how}`;
}
