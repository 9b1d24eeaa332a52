import { describe, expect, it } from 'vitest';
import { readPcapng } from '../../src/trace/pcapng-reader.ts';
import { pcapngOf } from '../../src/trace/pcapng-writer.ts';
import { captureOf } from './fixtures.ts';

const KEY_LOG = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`;
const CAPTURE = captureOf(
  [
    { from: 'client', bytes: Buffer.from('abc') },
    { from: 'broker', bytes: Buffer.from('defgh') },
  ],
  KEY_LOG,
);
const FILE = pcapngOf(CAPTURE, 'it 1.0');

/** The file with some bytes of its own at an offset. */
function changed(at: number, ...bytes: number[]): Buffer {
  const file = Buffer.from(FILE);
  file.set(bytes, at);
  return file;
}

/** Where a block of a type begins. */
function blockAt(type: number): number {
  for (let at = 0; at < FILE.length; at += FILE.readUInt32LE(at + 4)) {
    if (FILE.readUInt32LE(at) === type) return at;
  }
  throw new Error(`There is no block of type ${type}`);
}

describe('a capture as a file', () => {
  it('reads as it was written', () => {
    expect(readPcapng(FILE, 'it')).toEqual({ ...CAPTURE, problem: undefined });
  });

  it('needs no secrets', () => {
    const { keyLog, problem } = readPcapng(pcapngOf({ ...CAPTURE, keyLog: '' }, 'it 1.0'), 'it');
    expect({ keyLog, problem }).toEqual({ keyLog: '', problem: undefined });
  });

  it('may have blocks that a trace does not write', () => {
    const header = FILE.subarray(0, FILE.readUInt32LE(4));
    const further = Buffer.from([5, 0, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4, 16, 0, 0, 0]);
    const file = Buffer.concat([header, further, FILE.subarray(header.length)]);
    const { packets, problem } = readPcapng(file, 'it');
    expect([packets.length, problem]).toEqual([CAPTURE.packets.length, undefined]);
  });

  it('is refused wherever it is cut off, with what was whole until then', () => {
    let most = 0;
    for (let length = 0; length < FILE.length; length++) {
      const { packets, problem } = readPcapng(FILE.subarray(0, length), 'it');
      expect([length, problem?.exitCode]).toEqual([length, 2]);
      expect(problem?.message).toMatch(/^it: at byte \d+: .*; expected /);
      expect(packets.length).toBeGreaterThanOrEqual(most);
      most = packets.length;
      expect(packets).toEqual(CAPTURE.packets.slice(0, most));
    }
    // The last one ends where the file does.
    expect(most).toBe(CAPTURE.packets.length - 1);
  });

  it('says where it is cut off, and what is missing', () => {
    const last = FILE.length - FILE.readUInt32LE(FILE.length - 4);
    expect(readPcapng(FILE.subarray(0, FILE.length - 9), 'it').problem?.message).toBe(
      `it: at byte ${last}: the file is cut off, ${FILE.length - 9 - last} bytes are left; ` +
        `expected ${FILE.length - last} bytes of a packet`,
    );
    expect(readPcapng(FILE.subarray(0, last), 'it').problem?.message).toBe(
      `it: at byte ${last}: the file is cut off; expected ${FILE.length - last} bytes more of its section`,
    );
    expect(readPcapng(Buffer.alloc(0), 'it').problem?.message).toBe(
      'it: at byte 0: the file is empty; expected a section header',
    );
  });

  it.each([
    [
      'another format',
      changed(0, 0xd4, 0xc3, 0xb2, 0xa1),
      /byte 0: this is no pcapng file; expected 0x0a0d0d0a/,
    ],
    [
      'the other byte order',
      changed(8, 0x1a, 0x2b, 0x3c, 0x4d),
      /byte 8: the byte order's mark is 0x4d3c2b1a/,
    ],
    ['another version', changed(12, 2), /byte 12: the version is 2; expected 1/],
    [
      'a length that none can be',
      changed(blockAt(1) + 4, 7),
      /a block's length is 7; expected a multiple of 4/,
    ],
    [
      'a length that is not repeated',
      changed(blockAt(10) - 4, 4),
      /the block's length is repeated as 4; expected/,
    ],
    ['Ethernet', changed(blockAt(1) + 8, 1), /packets have link type 1; expected 101, raw IP/],
    [
      'a packet of no interface',
      changed(blockAt(6) + 8, 3),
      /a packet of interface 3; expected one that was/,
    ],
    [
      'a packet longer than its block',
      changed(blockAt(6) + 20, 0xff),
      /bytes of a packet; expected \d+ at least/,
    ],
    ['secrets longer than their block', changed(blockAt(10) + 13, 0xff), /of decryption secrets; expected/],
  ])('%s is refused', (_, file, message) => {
    const { problem } = readPcapng(file, 'it');
    expect(problem?.message).toMatch(message);
    expect(problem?.exitCode).toBe(2);
  });

  it('of another program is refused', () => {
    const file = Buffer.from(
      FILE.toString('latin1').replace('mqtt-tls-bench trace', 'another-program here'),
      'latin1',
    );
    expect(readPcapng(file, 'it').problem?.message).toMatch(/without a word on what was traced/);
    const broken = Buffer.from(FILE.toString('latin1').replace('"mode"', '"dome"'), 'latin1');
    expect(readPcapng(broken, 'it').problem?.message).toMatch(/what was traced is not valid/);
  });
});
