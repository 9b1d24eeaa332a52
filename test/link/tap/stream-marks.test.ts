import { beforeAll, describe, expect, it } from 'vitest';
import { ApplicationMarks, type StreamMarks } from '../../../src/link/tap/stream-marks.ts';
import { TlsTap } from '../../../src/link/tap/tls-tap.ts';
import { MODES } from '../../../src/modes/index.ts';
import { makePki } from '../../helpers/pki.ts';
import { sharedFolders } from '../../helpers/temporary-folder.ts';
import { recordMode, sent, type Chunk, type Recording } from './recording.ts';

const MODES_HERE = MODES.filter(
  ({ resumption, expected }) => resumption === undefined && expected.protocol !== undefined,
);

const folder = sharedFolders();
const recordings = new Map<string, Recording>();

beforeAll(async () => {
  const pki = await makePki(folder());
  for (const mode of MODES_HERE) recordings.set(mode.name, await recordMode(mode, pki));
});

function marksOf(chunks: readonly Chunk[]): StreamMarks {
  const tap = new TlsTap();
  for (const { from, bytes } of chunks) tap.feed(from, bytes);
  return tap.marks;
}

/** A record of application data by its type, whose fragment has so many bytes. */
function dataRecord(from: Chunk['from'], length: number): Chunk {
  return {
    from,
    bytes: Buffer.concat([Buffer.from([23, 3, 3, length >> 8, length & 255]), Buffer.alloc(length)]),
  };
}

function recordingOf(mode: string): Recording {
  const recording = recordings.get(mode);
  if (recording === undefined) throw new Error(`No recording of ${mode}`);
  return recording;
}

/** The size of the last record of an end, which is that of its CONNECT or CONNACK. */
function lastRecordBytes(chunks: readonly Chunk[], from: Chunk['from']): number {
  const stream = Buffer.concat(chunks.flatMap((chunk) => (chunk.from === from ? chunk.bytes : [])));
  for (let at = 0; at < stream.length;) {
    const bytes = 5 + stream.readUInt16BE(at + 3);
    at += bytes;
    if (at === stream.length) return bytes;
  }
  throw new Error('The last record is not whole');
}

describe.each(MODES_HERE.map(({ name }) => name))('the marks of %s', (mode) => {
  it('are where CONNECT, CONNACK and what follows stand, to the byte', () => {
    const recording = recordingOf(mode);
    const { chunks } = recording;
    const up = sent(recording, 'client');
    const down = sent(recording, 'broker');
    const first = {
      handshakeEnd: up - lastRecordBytes(chunks, 'client'),
      connect: up,
      together: up,
      connack: down - lastRecordBytes(chunks, 'broker') + 1,
    };
    const { answer = 0, ...marks } = marksOf(chunks);
    expect(marks).toEqual(first);
    // All of these end with the broker's own part: its Finished in TLS 1.2, its tickets in TLS 1.3.
    expect(answer).toBeGreaterThan(1);
    expect(answer).toBeLessThan(first.connack);

    const next = dataRecord('client', 80);
    expect(marksOf([...chunks, next])).toEqual({ ...first, answer, next: up + next.bytes.length });
    // A record that may go on in another one is not the end of anything.
    expect(marksOf([...chunks, dataRecord('client', 2 ** 14 + 17)])).toEqual({ ...first, answer });
  });
});

it('a record that leaves before CONNACK does was sent together with CONNECT', () => {
  const recording = recordingOf('tls12');
  const { chunks } = recording;
  const up = sent(recording, 'client');
  const connack = chunks.findLastIndex(({ from }) => from === 'broker');
  const marks = marksOf(chunks.toSpliced(connack, 0, dataRecord('client', 80)));
  expect(marks).toMatchObject({ connect: up, together: up + 85, next: up + 85 });
  expect(marks.connack).toBe(marksOf(chunks).connack);
});

it('a CONNACK as long as a ticket of TLS 1.3 is what the client waited for before it spoke again', () => {
  const { chunks } = recordingOf('tls13');
  const stream = chunks.filter(({ from }) => from === 'broker').map(({ bytes }) => bytes);
  const bytes = lastRecordBytes(chunks, 'broker');
  const tickets = Buffer.concat(stream).length - bytes;
  const last = chunks.findLastIndex(({ from }) => from === 'broker');
  const { bytes: lastBytes } = chunks[last] ?? { bytes: Buffer.alloc(0) };
  const long = chunks.toSpliced(
    last,
    1,
    { from: 'broker', bytes: lastBytes.subarray(0, lastBytes.length - bytes) },
    dataRecord('broker', 60),
  );
  expect(marksOf(long)).not.toHaveProperty('connack');
  expect(marksOf([...long, dataRecord('client', 80)]).connack).toBe(tickets + 1);
});

describe('application records', () => {
  it('without a pause: the last one before CONNACK ends what was sent together', () => {
    const application = new ApplicationMarks();
    application.client(100, 150, 45);
    application.client(150, 200, 45);
    expect(application.done).toBe(false);
    application.broker(300);
    expect(application.done).toBe(true);
    expect(application.marks).toEqual({
      handshakeEnd: 100,
      connect: 150,
      together: 200,
      next: 200,
      connack: 301,
    });
  });

  it('that may go on in another one leave the end open', () => {
    const application = new ApplicationMarks();
    application.client(100, 150, 45);
    application.client(150, 150 + 5 + 2 ** 14, 2 ** 14);
    application.broker(300);
    expect(application.marks).toEqual({ handshakeEnd: 100, connect: 150, connack: 301 });
  });
});
