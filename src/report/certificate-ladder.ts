import { FIRST_DATA } from '../measure/milestones.ts';
import type { CellResult, Distribution } from '../results/schema.ts';
import { tripsMs, type OneWayDelays } from '../model/predict.ts';
import { furtherRounds } from '../model/slow-start.ts';
import { delaysOf, firstData, innerDelaysOf, type Group } from './groups.ts';
import { modeName } from './mode-name.ts';

/** The axes that change nothing but the certificates' bytes. */
const SIZES = new Set(['key', 'chain', 'padBytes']);

/** One rung: a mode whose certificate has another size than those of its neighbours. */
export interface CertificateRung {
  cell: CellResult;
  /** Bytes of the broker's flight that has its certificate; of its whole handshake where flights were not told apart. */
  bytes: number;
  data: Distribution;
  /** Round trips that flights wait for the congestion window; by the bytes alone where flights were not told apart. */
  rounds: number;
  /** Trips of theory × the measured one-way delay, without those. */
  tripsMs: number;
  /** All that theory predicts for it. */
  predictedMs: number;
}

/** Modes that differ in nothing but the bytes of their certificates, the smallest first. */
export interface CertificateLadder {
  /** The identifier that they have in common. */
  mode: string;
  rungs: CertificateRung[];
}

/** The ladders of a group: none where no family has certificates of two sizes. */
export function certificateLadders(group: Group): CertificateLadder[] {
  const families = Map.groupBy(group.cells, ({ mode }) => commonId(mode));
  return [...families].flatMap(([mode, cells]) => {
    const rungs = cells
      .flatMap((cell) => rungOf(cell, delaysOf(group), innerDelaysOf(group)))
      .toSorted((a, b) => a.bytes - b.bytes);
    // An axis of certificates must be there: repeated cells of one mode are no ladder.
    const varied = new Set(rungs.map(({ cell }) => cell.mode)).size > 1;
    return varied && rungs[0]?.bytes !== rungs.at(-1)?.bytes ? [{ mode, rungs }] : [];
  });
}

function commonId(mode: string): string {
  const { family, axes } = modeName(mode);
  const others = [...axes].filter(([axis]) => !SIZES.has(axis)).map(([axis, value]) => `${axis}=${value}`);
  return [family, ...others].join('+');
}

function rungOf(cell: CellResult, delays: OneWayDelays, inner: OneWayDelays): CertificateRung[] {
  const data = firstData(cell);
  const trips = cell.trips[FIRST_DATA];
  const flight = cell.flights.find(({ from, what }) => from === 'broker' && /\bCertificate\b/.test(what));
  const bytes = flight?.bytes ?? cell.bytes?.handshakeDown;
  if (data === undefined || trips === undefined || bytes === undefined) return [];
  const innerMs = tripsMs(trips.inner?.predicted ?? 0, inner);
  const known = trips.slowStartRounds ?? 0;
  const alone = tripsMs(trips.predicted - 2 * known, delays) + innerMs;
  // Where flights were not told apart the prediction does not know of the rounds.
  const isTold = flight?.bytes !== undefined;
  const rounds = isTold ? known : furtherRounds(bytes);
  const predictedMs = isTold ? trips.predictedMs : alone + rounds * tripsMs(2, delays);
  return [{ cell, bytes, data, rounds, tripsMs: alone, predictedMs }];
}
