import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TlsTap } from '../../../src/link/tap/tls-tap.ts';
import { tlsWireSchema, type TlsWire } from '../../../src/measure/tls-wire.ts';
import { MODES } from '../../../src/modes/index.ts';
import { makePki } from '../../helpers/pki.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';
import { CONNECT, recordMode, tapped, type Chunk } from './recording.ts';

const SECURE = MODES.filter(({ name }) => name !== 'plain');
const folder = sharedFolders();
/** A recorded connection of every mode, and what a tap tells of it as it was recorded. */
const recorded: { chunks: Chunk[]; wire: TlsWire | undefined }[] = [];

beforeAll(async () => {
  const pki = await makePki(folder());
  for (const mode of SECURE) {
    const { chunks } = await recordMode(mode, pki);
    recorded.push({ chunks, wire: tapped(chunks) });
  }
});

const anyRecording = fc.nat(SECURE.length - 1);
/** Sizes of pieces, used again and again. */
const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });

function cut(chunks: readonly Chunk[], pieces: readonly number[]): Chunk[] {
  let piece = 0;
  return chunks.flatMap(({ from, bytes }) => {
    const out: Chunk[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = pieces[piece++ % pieces.length] ?? 1;
      out.push({ from, bytes: bytes.subarray(at, at + size) });
      at += size;
    }
    return out;
  });
}

describe('however its bytes are cut', () => {
  it('a handshake is told alike, byte by byte too', () => {
    for (const { chunks, wire } of recorded) {
      expect(wire?.handshake.down).toBeDefined();
      expect(tapped(cut(chunks, [1]))).toEqual(wire);
    }
    fc.assert(
      fc.property(anyRecording, sizes, (index, pieces) => {
        const { chunks = [], wire } = recorded[index] ?? {};
        expect(tapped(cut(chunks, pieces))).toEqual(wire);
      }),
    );
  });

  it('a handshake that breaks off anywhere is told as far as it came', () => {
    fc.assert(
      fc.property(anyRecording, fc.nat(3000), (index, length) => {
        const { chunks = [], wire } = recorded[index] ?? {};
        let left = length;
        const wire2 = tapped(
          chunks.flatMap(({ from, bytes }) => {
            const kept = bytes.subarray(0, left);
            left -= kept.length;
            return kept.length === 0 ? [] : [{ from, bytes: kept }];
          }),
        );
        if (wire2 === undefined) return;
        expect(wire2).not.toHaveProperty('incomplete');
        const whole = wire?.records ?? [];
        // The last one may be the first of a run of alike ones.
        for (const [position, { count: _, ...record }] of wire2.records.entries())
          expect(whole[position]).toMatchObject(record);
        expect([undefined, wire?.handshake.up]).toContainEqual(wire2.handshake.up);
        expect([undefined, wire?.handshake.down]).toContainEqual(wire2.handshake.down);
      }),
    );
  });
});

describe('what is no TLS', () => {
  it('is told as nothing: MQTT, and an answer to it', () => {
    expect(
      tapped([
        { from: 'client', bytes: CONNECT },
        { from: 'broker', bytes: Buffer.of(0x20, 2, 0, 0) },
      ]),
    ).toBe(undefined);
    const broker = tapped([{ from: 'broker', bytes: Buffer.of(22, 3, 3, 0, 4, 1, 0, 0, 0) }]);
    expect(broker).toBe(undefined);
  });

  it('never throws, and what it leaves is of the schema', () => {
    const chunk = fc.record({
      from: fc.constantFrom('client' as const, 'broker' as const),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        // Records whose content is anything.
        fc
          .tuple(fc.integer({ min: 20, max: 23 }), fc.uint8Array({ maxLength: 300 }))
          .map(([type, content]) =>
            Uint8Array.of(type, 3, 3, content.length >> 8, content.length & 255, ...content),
          ),
      ),
    });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), (chunks) => {
        // Behind a ClientHello, or it would all be refused at once.
        const [hello] = recorded[0]?.chunks ?? [];
        const wire = tapped([...(hello === undefined ? [] : [hello]), ...chunks]);
        expect(tlsWireSchema.safeParse(wire).success).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('never throws at a flipped byte either', () => {
    fc.assert(
      fc.property(anyRecording, fc.nat(3000), fc.integer({ min: 1, max: 255 }), (index, at, mask) => {
        const { chunks = [] } = recorded[index] ?? {};
        let before = 0;
        const flipped = chunks.map(({ from, bytes }) => {
          const copy = Buffer.from(bytes);
          const here = at - before;
          before += bytes.length;
          if (here >= 0 && here < copy.length) copy[here] = (copy[here] ?? 0) ^ mask;
          return { from, bytes: copy };
        });
        const wire = tapped(flipped);
        expect(tlsWireSchema.optional().safeParse(wire).success).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('after a handshake has begun ends the telling, and says why', () => {
    const { chunks = [] } = recorded[0] ?? {};
    const [hello] = chunks;
    if (hello === undefined) throw new Error('Nothing was recorded');
    const wire = tapped([
      hello,
      { from: 'broker', bytes: Buffer.from('HTTP/1.1 400 Bad Request') },
      ...chunks.slice(1),
    ]);
    expect(wire?.incomplete).toBe('malformed');
    expect(wire?.records).toHaveLength(1);
  });
});

describe('a tap', () => {
  it('says that bytes were missed, and follows no further', () => {
    const { chunks = [] } = recorded[0] ?? {};
    const tap = new TlsTap();
    for (const [index, { from, bytes }] of chunks.entries()) {
      if (index === 1) tap.miss();
      tap.feed(from, bytes);
    }
    expect(tap.finish()).toMatchObject({ incomplete: 'hole', handshake: {} });
    expect(tap.finish()?.records).toHaveLength(1);
  });

  it('is done with both ends’ application data: what comes later changes nothing', () => {
    for (const { chunks, wire } of recorded) {
      const later: Chunk[] = [
        { from: 'client', bytes: Buffer.from('not a record') },
        { from: 'broker', bytes: Buffer.alloc(200_000) },
      ];
      expect(tapped([...chunks, ...later])).toEqual(wire);
    }
  });

  it('keeps 64 records and follows 128 KiB', () => {
    const { chunks = [] } = recorded[0] ?? {};
    const hello = chunks.slice(0, 1);
    // ServerKeyExchange, whose content is of no interest, again and again.
    const message = (bytes: number): Buffer =>
      Buffer.from([
        22,
        3,
        3,
        (bytes + 4) >> 8,
        (bytes + 4) & 255,
        12,
        0,
        bytes >> 8,
        bytes & 255,
        ...Buffer.alloc(bytes),
      ]);
    const many = Array.from({ length: 100 }, () => ({ from: 'broker' as const, bytes: message(100) }));
    expect(tapped([...hello, ...many])?.records).toHaveLength(64);
    expect(tapped([...hello, ...many])).not.toHaveProperty('incomplete');
    const long = Array.from({ length: 14 }, () => ({ from: 'broker' as const, bytes: message(10_000) }));
    expect(tapped([...hello, ...long])?.incomplete).toBe('limit');
  });
});
