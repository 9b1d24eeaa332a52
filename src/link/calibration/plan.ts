import type { RoutePlan } from '../probe/protocol.ts';
import { HEADER_BYTES, MESSAGE_BYTES, packetBytes, SEGMENT_BYTES, SYN_BYTES } from '../probe/wire.ts';
import type { Direction, LinkSpec } from '../spec.ts';

/** Pings on a link of which nothing speaks for more, in lines that run side by side. */
const PINGS = 40;
const LINES = 8;
/** A link whose rate is limited carries one probe at a time, or they would queue behind each other. */
const LINES_AT_A_RATE = 1;
const PINGS_AT_A_RATE = 8;
const PAUSE_MS = { least: 0, mean: 5 };
/** An acknowledgement of its own comes 40 ms late, and would be serialized in front of a ping that is sent meanwhile. */
const PAUSE_AT_A_RATE_MS = { least: 60, mean: 70 };
/** Jitter drifts: what it does is seen over so many of its own time spans, as far as the patience of a person lasts. */
const SPANS = 40;
const LONGEST_MS = 8000;
/** A probe that takes this much longer than the link met a machine that nothing can be measured on. */
const PATIENCE_MS = 3000;
/** Where segments are lost, SYNs are sent again after 1, 3 and 7 s (RFC 6298). */
const PATIENCE_WITH_LOSS_MS = 30_000;
/** A train is to take so long at the asked rate, in whole segments of the initial window (RFC 6928), and how many. */
const TRAIN_MS = 1500;
const SHORTEST_TRAIN = 3;
const LONGEST_TRAIN = 10;
const TRAINS = 5;
/** Of a link so slow, trains take longer than anybody waits for five of them. */
const TRAINS_MS = 5000;
/** A train that is shorter than this is measured too coarsely. */
const SHORTEST_TRAIN_MS = 4;

/** How one link is to be probed. */
export function routePlan({ up, down }: LinkSpec, { host, port }: { host: string; port: number }): RoutePlan {
  const limited = up.rateKbit !== undefined || down.rateKbit !== undefined;
  const roundTripMs = up.delayMs + down.delayMs + serializationMs(up, PING) + serializationMs(down, PING);
  const pauseMs = limited ? PAUSE_AT_A_RATE_MS : PAUSE_MS;
  const lines = limited ? LINES_AT_A_RATE : LINES;
  const perLine = (limited ? PINGS_AT_A_RATE : PINGS) / lines;
  const jitterMs = Math.max(up.jitterMs, down.jitterMs);
  const wantedMs = Math.min(LONGEST_MS, SPANS * jitterSpanMs(jitterMs));
  const pings = Math.max(perLine, Math.ceil(wantedMs / (roundTripMs + pauseMs.mean)));
  const trains = trainsOf(up, down);
  const longestTrainMs = Math.max(trainMs(up, trains?.up ?? 0), trainMs(down, trains?.down ?? 0));
  const lossy = [up, down].some(({ loss, burstLoss }) => loss > 0 || burstLoss !== undefined);
  return {
    host,
    port,
    lines,
    // Half the pings of each line on each of two connections, so that there are twice as many first bytes.
    connections: 2,
    pings: Math.ceil(pings / 2),
    pauseMs,
    patienceMs:
      3 * roundTripMs + 20 * jitterMs + longestTrainMs + (lossy ? PATIENCE_WITH_LOSS_MS : PATIENCE_MS),
    ...(trains === undefined ? {} : { trains }),
  };
}

/** The bytes of IP packets that a ping, and its answer, puts on the link; and those of a SYN and of an empty ACK. */
export const PING = packetBytes(MESSAGE_BYTES);
export const SYN = SYN_BYTES;
export const ACK = HEADER_BYTES;

/** What so many bytes take at a direction's rate. */
export function serializationMs({ rateKbit }: Direction, bytes: number): number {
  // A kilobit a second is a bit a millisecond.
  return rateKbit === undefined ? 0 : (bytes * 8) / rateKbit;
}

/** Within this time jitter forgets itself: the integral of its correlation on both sides. */
export function jitterSpanMs(jitterMs: number): number {
  return 16 * jitterMs;
}

function trainsOf(up: Direction, down: Direction): RoutePlan['trains'] {
  const [upLength, downLength] = [trainLength(up), trainLength(down)];
  if (upLength === 0 && downLength === 0) return undefined;
  const onceMs = trainMs(up, upLength) + trainMs(down, downLength);
  const count = Math.max(1, Math.min(TRAINS, Math.floor(TRAINS_MS / onceMs)));
  return { up: upLength, down: downLength, count };
}

/** Segments of a train; 0 where no rate is asked for, or one that is too high to be seen by a train. */
function trainLength(direction: Direction): number {
  const segmentMs = trainMs(direction, 1);
  if (segmentMs * (LONGEST_TRAIN - 1) < SHORTEST_TRAIN_MS) return 0;
  return Math.max(SHORTEST_TRAIN, Math.min(LONGEST_TRAIN, Math.round(TRAIN_MS / segmentMs)));
}

function trainMs(direction: Direction, segments: number): number {
  return serializationMs(direction, packetBytes(segments * SEGMENT_BYTES));
}
