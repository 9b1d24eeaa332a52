import { handshakeBytesOf } from '../../results/handshake-bytes.ts';
import { FIRST_DATA, type Milestone } from '../../measure/milestones.ts';
import type { CellResult } from '../../results/schema.ts';

/** A figure of a cell that a dashboard follows over time; smaller is better. */
export interface Measure {
  /** Lower-case letters and dashes, the unit included: `first-data-ms`. */
  name: string;
  unit: string;
  value: number;
  interval?: { low: number; high: number };
  /** How many samples it rests on. */
  count?: number;
}

const MILESTONES: readonly (readonly [Milestone, string])[] = [
  [FIRST_DATA, 'first-data-ms'],
  ['refused', 'refused-ms'],
  ['connackReceived', 'connack-ms'],
  ['delivered', 'delivered-ms'],
  ['disconnected', 'time-awake-ms'],
];

/** What is followed of a cell: medians with their intervals, trips, bytes and losses. */
export function measuresOf(cell: CellResult): Measure[] {
  const { samples, milestones, trips, throughput, storm, hold, failover } = cell;
  const times = [
    ...MILESTONES.map(([milestone, name]) => ({ name, distribution: milestones[milestone] })),
    { name: 'end-to-end-ms', distribution: throughput?.endToEnd },
    { name: 'connecting-ms', distribution: storm?.connecting ?? hold?.connecting },
    { name: 'reconnecting-ms', distribution: failover?.reconnecting },
  ].flatMap(({ name, distribution }): Measure[] =>
    distribution === undefined
      ? []
      : [
          {
            name,
            unit: 'ms',
            value: rounded(distribution.p50Ms),
            interval: { low: rounded(distribution.p50LowMs), high: rounded(distribution.p50HighMs) },
            count: distribution.count,
          },
        ],
  );
  const inferred = trips[FIRST_DATA]?.inferred;
  const bytes = handshakeBytesOf(cell);
  return [
    ...times,
    ...(inferred === undefined
      ? []
      : [{ name: 'first-data-trips', unit: 'trips', value: rounded(inferred) }]),
    ...(bytes === undefined
      ? []
      : [
          { name: 'handshake-up-bytes', unit: 'bytes', value: bytes.handshakeUp },
          { name: 'handshake-down-bytes', unit: 'bytes', value: bytes.handshakeDown },
        ]),
    ...(samples.attempted === 0
      ? []
      : [
          {
            name: 'lost-percent',
            unit: '%',
            value: rounded(((samples.failed + samples.excluded) / samples.attempted) * 100),
            count: samples.attempted,
          },
        ]),
  ];
}

/** A microsecond is the finest that was measured. */
function rounded(value: number): number {
  return Number(value.toFixed(3));
}
