/** Code points of pcapng (draft-ietf-opsawg-pcapng) that a trace uses. */

export const BLOCK = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 0x00000001,
  enhancedPacket: 0x00000006,
  decryptionSecrets: 0x0000000a,
} as const;

/** Type and length before a block's body, the length again behind it. */
export const BLOCK_BYTES = 12;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const MAJOR_VERSION = 1;
/** A section that does not tell its length; it goes on to the end of the file. */
export const UNTOLD_LENGTH = -1n;
/** TLS keys in the format of NSS. */
export const SECRETS_TLS_KEY_LOG = 0x544c534b;
/** The packet begins with an IP header. */
export const LINKTYPE_RAW = 101;
/** if_tsresol: times count 10^-9 s. */
export const NANOSECONDS = 9;

/** Options of blocks; a code means what its block says, but for the first two. */
export const OPTION = {
  end: 0,
  comment: 1,
  userApplication: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  timestampResolution: 9,
  packetFlags: 2,
} as const;

/** epb_flags, the lowest two bits: which way a packet went, seen from the client. */
export const DIRECTION = { broker: 1, client: 2 } as const;

/** What stands before the JSON of a trace's own facts, in a comment on the section. */
export const ABOUT_MARK = 'mqtt-tls-bench trace: ';

/** Blocks, options and their values end on a border of 4 bytes. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** A block's name for messages. */
export function blockName(type: number): string {
  const names: Record<number, string> = {
    [BLOCK.sectionHeader]: 'a section header',
    [BLOCK.interfaceDescription]: 'an interface description',
    [BLOCK.enhancedPacket]: 'a packet',
    [BLOCK.decryptionSecrets]: 'decryption secrets',
  };
  return names[type] ?? `a block of type 0x${type.toString(16).padStart(8, '0')}`;
}
