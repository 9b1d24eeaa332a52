import type { CellResult } from './schema.ts';

/** Medians of a handshake's bytes, by direction. */
export interface HandshakeBytes {
  handshakeUp: number;
  handshakeDown: number;
}

/** The bytes of a cell's handshake: as the link saw them, else as the client counted them. */
export function handshakeBytesOf({ wire, bytes }: CellResult): HandshakeBytes | undefined {
  return wire ?? bytes;
}
