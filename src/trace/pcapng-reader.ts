import { messageOf, usageError, type BenchError } from '../errors.ts';
import { aboutSchema, type About, type CapturedPacket } from './capture.ts';
import {
  ABOUT_MARK,
  BLOCK,
  BLOCK_BYTES,
  blockName,
  BYTE_ORDER_MAGIC,
  DIRECTION,
  LINKTYPE_RAW,
  MAJOR_VERSION,
  NANOSECONDS,
  OPTION,
  padded,
  SECRETS_TLS_KEY_LOG,
  UNTOLD_LENGTH,
} from './pcapng.ts';

/** What a file holds, as far as it is whole. */
export interface ReadCapture {
  /** Undefined where the file breaks off before it says so. */
  about: About | undefined;
  keyLog: string;
  packets: CapturedPacket[];
  /** What is wrong with the rest of it. */
  problem: BenchError | undefined;
}

const WRITE_ONE = 'Such files are written by `trace MODE --pcapng FILE`.';

/**
 * Reads a pcapng file that a trace wrote, little-endian. Never throws: what is wrong is the answer's `problem`, a usage error
 * (exit code 2) with the offset in bytes and what was expected there, beside all that is whole before it. Blocks of other
 * types are skipped. `name` is the file's, for messages.
 */
export function readPcapng(bytes: Uint8Array, name: string): ReadCapture {
  const reader = new Reader(bytes);
  let problem: BenchError | undefined;
  try {
    reader.readAll();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { at, found, expected } = error;
    problem = usageError(`${name}: at byte ${at}: ${found}; expected ${expected}`, WRITE_ONE);
  }
  const { about, keyLog, packets } = reader;
  return { about, keyLog, packets, problem };
}

class Fault extends Error {
  readonly at: number;
  readonly found: string;
  readonly expected: string;

  constructor(at: number, found: string, expected: string) {
    super(found);
    this.at = at;
    this.found = found;
    this.expected = expected;
  }
}

/** The body of a block, and where it stands in the file. */
interface Body {
  from: number;
  to: number;
}

class Reader {
  about: About | undefined;
  keyLog = '';
  readonly packets: CapturedPacket[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #interfaces = 0;
  /** Where the section ends, as far as its header says so: a file may be cut off between two blocks. */
  #sectionEnd = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  readAll(): void {
    const end = this.#bytes.length;
    if (end === 0) throw new Fault(0, 'the file is empty', blockName(BLOCK.sectionHeader));
    for (let at = 0; at < end;) at = this.#readBlock(at);
    const missing = this.#sectionEnd - end;
    if (missing > 0) throw new Fault(end, 'the file is cut off', `${missing} bytes more of its section`);
    if (this.about === undefined)
      throw new Fault(end, 'the file ends without a word on what was traced', `a comment "${ABOUT_MARK}…"`);
  }

  /** Reads the block at an offset; answers where the next one begins. */
  #readBlock(at: number): number {
    const left = this.#bytes.length - at;
    if (at === 0) this.#begin(left);
    if (left < BLOCK_BYTES)
      throw new Fault(
        at,
        `the file is cut off, ${left} bytes are left`,
        `a block of ${BLOCK_BYTES} bytes at least`,
      );
    const type = this.#number(at);
    const length = this.#number(at + 4);
    if (length < BLOCK_BYTES || length % 4 !== 0)
      throw new Fault(at + 4, `a block's length is ${length}`, `a multiple of 4, ${BLOCK_BYTES} or more`);
    if (length > left)
      throw new Fault(
        at,
        `the file is cut off, ${left} bytes are left`,
        `${length} bytes of ${blockName(type)}`,
      );
    const again = this.#number(at + length - 4);
    if (again !== length)
      throw new Fault(
        at + length - 4,
        `the block's length is repeated as ${again}`,
        `${length}, as at its start`,
      );
    this.#readBody(type, { from: at + 8, to: at + length - 4 });
    return at + length;
  }

  /** What is no pcapng at all shows in its first bytes. */
  #begin(left: number): void {
    const type = left < 4 ? undefined : this.#view.getUint32(0);
    if (type !== undefined && type !== BLOCK.sectionHeader)
      throw new Fault(
        0,
        'this is no pcapng file',
        `0x0a0d0d0a, with which its ${blockName(BLOCK.sectionHeader).slice(2)} begins`,
      );
    if (left < BLOCK_BYTES) return;
    const magic = this.#number(8);
    if (magic !== BYTE_ORDER_MAGIC)
      throw new Fault(
        8,
        `the byte order's mark is 0x${magic.toString(16)}`,
        `0x${BYTE_ORDER_MAGIC.toString(16)}`,
      );
  }

  #readBody(type: number, body: Body): void {
    if (type === BLOCK.sectionHeader) this.#sectionHeader(body);
    else if (type === BLOCK.interfaceDescription) this.#interface(body);
    else if (type === BLOCK.decryptionSecrets) this.#secrets(body);
    else if (type === BLOCK.enhancedPacket) this.#packet(body);
  }

  #sectionHeader({ from, to }: Body): void {
    if (from !== 8) throw new Fault(from - 8, 'a second section begins', 'one section alone');
    this.#need(from, to, 16, BLOCK.sectionHeader);
    const major = this.#view.getUint16(from + 4, true);
    if (major !== MAJOR_VERSION) throw new Fault(from + 4, `the version is ${major}`, `${MAJOR_VERSION}`);
    const length = this.#view.getBigInt64(from + 8, true);
    if (length !== UNTOLD_LENGTH) this.#sectionEnd = to + 4 + Number(length);
    for (const { code, at, value } of this.#options({ from: from + 16, to })) {
      const comment = code === OPTION.comment ? Buffer.from(value).toString('utf8') : '';
      if (comment.startsWith(ABOUT_MARK)) this.about = readAbout(comment.slice(ABOUT_MARK.length), at);
    }
  }

  #interface({ from, to }: Body): void {
    this.#need(from, to, 8, BLOCK.interfaceDescription);
    const linkType = this.#view.getUint16(from, true);
    if (linkType !== LINKTYPE_RAW)
      throw new Fault(from, `packets have link type ${linkType}`, `${LINKTYPE_RAW}, raw IP`);
    const resolution = this.#options({ from: from + 8, to }).find(
      ({ code }) => code === OPTION.timestampResolution,
    )?.value[0];
    if (resolution !== NANOSECONDS)
      throw new Fault(from, 'times are not in nanoseconds', `the option if_tsresol with ${NANOSECONDS}`);
    this.#interfaces++;
  }

  #secrets({ from, to }: Body): void {
    this.#need(from, to, 8, BLOCK.decryptionSecrets);
    const bytes = this.#number(from + 4);
    this.#need(from, to, 8 + bytes, BLOCK.decryptionSecrets);
    if (this.#number(from) === SECRETS_TLS_KEY_LOG)
      this.keyLog += Buffer.from(this.#bytes.subarray(from + 8, from + 8 + bytes)).toString('ascii');
  }

  #packet({ from, to }: Body): void {
    this.#need(from, to, 20, BLOCK.enhancedPacket);
    if (this.#number(from) >= this.#interfaces)
      throw new Fault(
        from,
        `a packet of interface ${this.#number(from)}`,
        'one that was described before it',
      );
    const bytes = this.#number(from + 12);
    this.#need(from, to, 20 + padded(bytes), BLOCK.enhancedPacket);
    const flags = this.#options({ from: from + 20 + padded(bytes), to }).find(
      ({ code, value }) => code === OPTION.packetFlags && value.length === 4,
    );
    const direction = flags === undefined ? 0 : this.#number(flags.at) & 3;
    if (direction !== DIRECTION.client && direction !== DIRECTION.broker)
      throw new Fault(
        from,
        'a packet does not say which way it went',
        'the option epb_flags, inbound or outbound',
      );
    this.packets.push({
      timeNs: (BigInt(this.#number(from + 4)) << 32n) | BigInt(this.#number(from + 8)),
      from: direction === DIRECTION.client ? 'client' : 'broker',
      bytes: new Uint8Array(this.#bytes.subarray(from + 20, from + 20 + bytes)),
    });
  }

  #options({ from, to }: Body): { code: number; at: number; value: Uint8Array }[] {
    const found: { code: number; at: number; value: Uint8Array }[] = [];
    for (let at = from; at + 4 <= to;) {
      const code = this.#view.getUint16(at, true);
      const length = this.#view.getUint16(at + 2, true);
      if (code === OPTION.end) break;
      if (at + 4 + padded(length) > to)
        throw new Fault(
          at,
          `an option of ${length} bytes`,
          `no more than the ${to - at - 4} that its block has left`,
        );
      found.push({ code, at: at + 4, value: this.#bytes.subarray(at + 4, at + 4 + length) });
      at += 4 + padded(length);
    }
    return found;
  }

  #need(from: number, to: number, bytes: number, type: number): void {
    if (to - from < bytes)
      throw new Fault(from, `${to - from} bytes of ${blockName(type)}`, `${bytes} at least`);
  }

  #number(at: number): number {
    return this.#view.getUint32(at, true);
  }
}

function readAbout(json: string, at: number): About {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new Fault(at, `what was traced cannot be read: ${messageOf(error)}`, 'JSON');
  }
  const about = aboutSchema.safeParse(parsed);
  if (about.success) return about.data;
  const [issue] = about.error.issues;
  throw new Fault(
    at,
    `what was traced is not valid: ${issue?.path.join('.')}: ${issue?.message}`,
    'that of a trace',
  );
}
