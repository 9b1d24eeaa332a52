import { describe, expect, it } from 'vitest';
import { MILESTONE_NAMES } from '../../src/measure/milestones.ts';
import { sampleSchema, type Sample } from '../../src/measure/sample.ts';

const SAMPLE: Sample = {
  id: 1,
  cell: 'tls13/reference/aedes/direct/handshake',
  round: 0,
  warmup: false,
  intendedAtMs: 12.5,
  startLateMs: 0.02,
  outcome: { status: 'ok' },
  tainted: [],
  milestonesMs: { tcpConnected: 68.2, connectReceived: 171.1 },
  negotiated: { client: { protocol: 'TLSv1.3', noDelay: true } },
  bytes: { handshakeUp: 312, handshakeDown: 1356, up: 418, down: 1409 },
  flights: [{ from: 'client', leavesMs: 68.4, bytes: 238 }],
};

describe('the schema of a sample', () => {
  it('takes a line of samples.ndjson, there and back', () => {
    expect(sampleSchema.parse(JSON.parse(JSON.stringify(SAMPLE)))).toEqual(SAMPLE);
  });

  it('takes a failure that got nowhere, with its reason', () => {
    const failed = {
      ...SAMPLE,
      outcome: { status: 'failed', reason: 'tcp-refused', detail: 'connect ECONNREFUSED' },
      milestonesMs: {},
      negotiated: {},
      flights: [],
      bytes: undefined,
    };
    expect(sampleSchema.parse(failed)).toMatchObject({ outcome: { reason: 'tcp-refused' } });
  });

  it.each([
    ['an unknown milestone', { milestonesMs: { firstByte: 1 } }],
    ['a failure without a reason', { outcome: { status: 'failed', detail: '' } }],
    ['a good sample with a reason', { outcome: { status: 'ok', reason: 'none' } }],
    ['bytes that are no count', { bytes: { ...SAMPLE.bytes, up: -1 } }],
    ['a time that is no number', { startLateMs: '0.02' }],
    ['a key that nobody knows', { note: 'hello' }],
  ])('refuses %s', (_, change) => {
    expect(sampleSchema.safeParse({ ...SAMPLE, ...change }).success).toBe(false);
  });
});

it('names each milestone once, first data among them', () => {
  expect(new Set(MILESTONE_NAMES).size).toBe(MILESTONE_NAMES.length);
  expect(MILESTONE_NAMES).toContain('connectReceived');
});
