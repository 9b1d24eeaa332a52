import type { About, Capture, CapturedPacket } from '../../src/trace/capture.ts';
import { Recorder, type RecordedPacket } from '../../src/link/recorded.ts';
import { SyntheticPackets } from '../../src/link/proxy/synthetic-packets.ts';
import type { Segment } from '../../src/link/proxy/tcp/segment.ts';

type End = 'client' | 'broker';

export const ABOUT: About = {
  mode: 'plain',
  link: 'null',
  backend: 'proxy',
  broker: 'a broker',
  qos: 0,
  payloadBytes: 1,
  warmupConnections: 0,
  startedAt: '2026-01-02T03:04:05.678Z',
  synthetic: true,
  outcome: { status: 'ok' },
};

/** A piece of a stream as the modelled TCP would send it. */
export function segment(seq: number, payload: Buffer, ending?: 'end' | 'reset'): Segment {
  return {
    seq,
    end: seq + payload.length + (ending === undefined ? 0 : 1),
    payload: [payload],
    payloadBytes: payload.length,
    ending,
    sentUs: 0,
    arrivedSentUs: undefined,
    receipt: 0,
    retransmitted: false,
    sacked: false,
    lost: false,
  };
}

/** Makes the packets of a connection that is told as chunks, each end's in order, a millisecond apart. */
export function packetsOf(chunks: readonly { from: End; bytes: Buffer }[]): CapturedPacket[] {
  const recorded: RecordedPacket[] = [];
  const recorder = new Recorder((packets) => recorded.push(...packets));
  const ends = { client: { host: '127.0.0.1', port: 40_000 }, broker: { host: '127.0.0.1', port: 8883 } };
  const packets = new SyntheticPackets(ends, recorder);
  const sent = { client: 0, broker: 0 };
  let atUs = 1_000_000;
  packets.syn('client', atUs)(atUs);
  packets.syn('broker', atUs)(atUs);
  for (const { from, bytes } of chunks) {
    atUs += 1000;
    const other = from === 'client' ? 'broker' : 'client';
    packets.packet(from, segment(sent[from], bytes), sent[other], atUs)(atUs);
    sent[from] += bytes.length;
  }
  recorder.tell(true);
  return recorded.map(({ atUs, from, bytes }) => ({ timeNs: BigInt(Math.round(atUs * 1000)), from, bytes }));
}

export function captureOf(chunks: readonly { from: End; bytes: Buffer }[], keyLog = ''): Capture {
  return { about: ABOUT, packets: packetsOf(chunks), keyLog };
}
