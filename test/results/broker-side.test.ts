import { expect, it } from 'vitest';
import { brokerSideOf } from '../../src/results/broker-side.ts';
import { cellResultSchema } from '../../src/results/cell-schema.ts';
import { sampleWith } from '../helpers/samples.ts';

const SAMPLES = [1, 2, 6].map((differMs) =>
  sampleWith({
    milestonesMs: { serverHandshakeDone: 20, connectReceived: 30 + differMs, connackReceived: 40 },
    acceptedMs: 10,
    wireMs: {
      accepted: 10 - differMs,
      firstFlight: 12,
      handshakeAnswered: 20 + differMs,
      connectReceived: 30,
    },
  }),
);

it('the differences of a cell are medians of the broker’s instants minus the wire’s, where both are there', () => {
  const { brokerSide } = cellResultSchema.shape;
  expect(brokerSide.parse(brokerSideOf(SAMPLES, 'broker'))).toEqual({
    source: 'broker',
    differences: {
      accepted: { count: 3, p50Ms: 2 },
      handshakeAnswered: { count: 3, p50Ms: -2 },
      connectReceived: { count: 3, p50Ms: 2 },
    },
  });
});

it('there are none where the wire saw nothing, nor of a broker that stamps nothing', () => {
  const blind = SAMPLES.map(({ wireMs: _wireMs, ...sample }) => sample);
  expect(brokerSideOf(blind, 'broker')).toEqual({ source: 'broker' });
  expect(brokerSideOf(SAMPLES, 'wire')).toEqual({ source: 'wire' });
});
