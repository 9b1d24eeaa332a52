import { SYNTHETIC, type About, type Capture } from './capture.ts';
import {
  ABOUT_MARK,
  BLOCK,
  BLOCK_BYTES,
  BYTE_ORDER_MAGIC,
  DIRECTION,
  LINKTYPE_RAW,
  MAJOR_VERSION,
  NANOSECONDS,
  OPTION,
  padded,
  SECRETS_TLS_KEY_LOG,
} from './pcapng.ts';

type Option = readonly [code: number, value: Uint8Array];

/**
 * A capture as a pcapng file (draft-ietf-opsawg-pcapng), little-endian: section header with what was traced in comments,
 * one interface of raw IP packets in nanoseconds, the TLS key log as decryption secrets where there is one, the packets.
 * Wireshark decrypts it without any setting. Whoever has it can read the connection.
 */
export function pcapngOf(capture: Capture, application: string): Buffer {
  const { about, keyLog, packets } = capture;
  const blocks = [
    block(BLOCK.interfaceDescription, [
      numbers16(LINKTYPE_RAW, 0),
      // No limit on the length of packets.
      numbers32(0),
      options([
        [OPTION.interfaceName, text(about.backend)],
        [OPTION.interfaceDescription, text(`${about.link}, at the client's end`)],
        [OPTION.timestampResolution, Uint8Array.of(NANOSECONDS)],
      ]),
    ]),
    // Secrets stand before the packets that need them.
    ...(keyLog === '' ? [] : [secrets(keyLog)]),
    ...packets.map(({ timeNs, from, bytes }) =>
      block(BLOCK.enhancedPacket, [
        numbers32(0, Number(timeNs >> 32n), Number(timeNs & 0xffffffffn), bytes.length, bytes.length),
        bytes,
        padding(bytes.length),
        options([[OPTION.packetFlags, numbers32(DIRECTION[from])]]),
      ]),
    ),
  ];
  const sectionBytes = blocks.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([sectionHeader(about, application, sectionBytes), ...blocks]);
}

/** It tells the section's length, by which a file that was cut off between two blocks shows. */
function sectionHeader(about: About, application: string, sectionBytes: number): Buffer {
  return block(BLOCK.sectionHeader, [
    numbers32(BYTE_ORDER_MAGIC),
    numbers16(MAJOR_VERSION, 0),
    // 64 bits, of which a trace needs the lower half.
    numbers32(sectionBytes, 0),
    options([
      ...(about.synthetic ? [[OPTION.comment, text(SYNTHETIC)] as const] : []),
      [OPTION.comment, text(`${ABOUT_MARK}${JSON.stringify(about)}`)],
      [OPTION.userApplication, text(application)],
    ]),
  ]);
}

function secrets(keyLog: string): Buffer {
  const bytes = text(keyLog);
  return block(BLOCK.decryptionSecrets, [
    numbers32(SECRETS_TLS_KEY_LOG, bytes.length),
    bytes,
    padding(bytes.length),
  ]);
}

function block(type: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, BLOCK_BYTES);
  return Buffer.concat([numbers32(type, length), ...parts, numbers32(length)]);
}

function options(all: readonly Option[]): Buffer {
  return Buffer.concat([
    ...all.flatMap(([code, value]) => [numbers16(code, value.length), value, padding(value.length)]),
    numbers16(OPTION.end, 0),
  ]);
}

function padding(bytes: number): Uint8Array {
  return new Uint8Array(padded(bytes) - bytes);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}

function numbers32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

function numbers16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, 2 * index);
  return bytes;
}
