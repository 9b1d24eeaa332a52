import { execa } from 'execa';

export interface Capture {
  /** The capture's file, and that of the TLS keys (NSS key log format). */
  capture: string;
  keys: string;
  /** The client's own end, and the port that it dialled. */
  host: string;
  port: number;
  dialledPort: number;
}

/** What each end sent until its first application byte. */
export type Dissected = Record<'client' | 'broker', { records: number[]; messages: string[] }>;

const APPLICATION_DATA = 23;
const HEADER_BYTES = { record: 5, message: 4 };
/** RFC 8446 §B.3, RFC 5246 §A.4. */
const MESSAGES: Record<number, string> = {
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  8: 'EncryptedExtensions',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
  20: 'Finished',
};
const FIELDS = [
  'ip.src',
  'tls.record.content_type',
  'tls.record.length',
  'tls.handshake.type',
  'tls.handshake.length',
];

/**
 * Records (bytes with their headers) and messages (name and bytes) of a handshake as tshark, which decrypts it, finds
 * them. A TUN link shows every packet twice, when it leaves and when it arrives; those of the client's end are read.
 */
export async function dissect({ capture, keys, host, port, dialledPort }: Capture): Promise<Dissected> {
  const ofClient = `(ip.src==${host} && tcp.srcport==${port}) || (ip.dst==${host} && tcp.dstport==${port})`;
  const options = [
    `-d tcp.port==${dialledPort},tls -T fields`,
    '-E separator=; -E aggregator=, -E occurrence=a',
    ...FIELDS.map((field) => `-e ${field}`),
  ];
  const { stdout } = await execa('tshark', [
    '-r',
    capture,
    ...options.flatMap((text) => text.split(' ')),
    '-o',
    `tls.keylog_file:${keys}`,
    '-Y',
    `tls && (${ofClient})`,
  ]);
  const found: Dissected = {
    client: { records: [], messages: [] },
    broker: { records: [], messages: [] },
  };
  const over = new Set<string>();
  for (const line of stdout.split('\n').filter((line) => line !== '')) {
    const [source, ...lists] = line.split(';');
    const [types = [], lengths = [], messages = [], sizes = []] = lists.map((list) =>
      list === '' ? [] : list.split(',').map(Number),
    );
    if (types.length !== lengths.length || messages.length !== sizes.length)
      throw new Error(`tshark could not decrypt all of it: ${line}`);
    const end = source === host ? 'client' : 'broker';
    if (over.has(end)) continue;
    found[end].messages.push(
      ...messages.map(
        (type, index) => `${MESSAGES[type] ?? `type ${type}`} ${(sizes[index] ?? 0) + HEADER_BYTES.message}`,
      ),
    );
    for (const [index, type] of types.entries()) {
      if (type === APPLICATION_DATA) over.add(end);
      if (!over.has(end)) found[end].records.push((lengths[index] ?? 0) + HEADER_BYTES.record);
    }
  }
  return found;
}
