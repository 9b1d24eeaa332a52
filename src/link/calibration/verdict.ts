import { tripsMs } from '../../model/predict.ts';
import { median } from '../../stats/median.ts';
import type { Observation } from '../probe/protocol.ts';
import type { LinkSpec } from '../spec.ts';
import type { Traffic } from '../traffic.ts';
import type { Calibration } from './calibration.ts';
import { difference, judgeDelay, toleranceMs, type OneWay } from './delay.ts';
import { judgeLoss } from './loss.ts';
import { ACK, PING, serializationMs, SYN } from './plan.ts';
import { judgeRate } from './rate.ts';

/** What was seen of one link, and over none. */
export interface Evidence {
  seen: Observation;
  floor: Observation;
  /** What crossed the link meanwhile, where packets are counted. */
  traffic: Traffic | undefined;
  /** The emulator stands in for the TCP handshake, so connecting tells nothing. */
  modelledConnect: boolean;
}

/** Standard errors of a median that refuse a run. */
const REFUSED = 3;

/** Judges what was seen of a link against what was asked for. */
export function verdict(link: LinkSpec, evidence: Evidence): Omit<Calibration, 'attempts'> {
  const { seen, floor, traffic, modelledConnect } = evidence;
  const floorMs = { upMs: middleMs(waysOf(floor).up), downMs: middleMs(waysOf(floor).down) };
  const ways = waysOf(seen);
  const problems: string[] = seen.pings.length === 0 ? ['no probe was answered'] : [];
  const measured = (way: 'up' | 'down', trains: Observation['trainsUp']): Calibration['up'] => {
    const delay = judgeDelay(way, link[way], ways[way], floorMs[`${way}Ms`]);
    const { rateKbit, problems: rateProblems } = judgeRate(way, link[way], trains);
    const { loss, problems: lossProblems } = judgeLoss(way, link[way], traffic?.[way]);
    problems.push(...delay.problems, ...rateProblems, ...lossProblems);
    return {
      ...delay.measured,
      ...(rateKbit === undefined ? {} : { rateKbit }),
      ...(loss === undefined ? {} : { loss }),
    };
  };
  const up = measured('up', seen.trainsUp);
  const down = measured('down', seen.trainsDown);

  const connect = both(seen.connectUs, floor.connectUs);
  if (!modelledConnect) {
    const askedMs = serializationMs(link.up, SYN) + serializationMs(link.down, SYN);
    problems.push(
      ...tripsOff('connecting, after two trips', 2, askedMs, connect, link, seen.connectUs.length),
    );
  }
  const firstByte = both(seen.firstByteUs, floor.firstByteUs);
  const askedMs = serializationMs(link.up, SYN + ACK + PING) + serializationMs(link.down, SYN);
  problems.push(
    ...tripsOff(
      'the first byte of a new connection, after three trips',
      3,
      askedMs,
      firstByte,
      link,
      seen.firstByteUs.length,
    ),
  );
  return {
    up,
    down,
    floor: floorMs,
    ...(modelledConnect ? {} : { connect }),
    firstByte,
    calibrated: problems.length === 0,
    ...(problems.length === 0 ? {} : { problem: problems.join('; ') }),
  };
}

function tripsOff(
  what: string,
  trips: number,
  serializedMs: number,
  { measuredMs, floorMs }: Calibration['firstByte'],
  { up, down }: LinkSpec,
  count: number,
): string[] {
  const askedMs = tripsMs(trips, { upMs: up.delayMs, downMs: down.delayMs }) + serializedMs;
  // Trips of one connection follow each other within the time that jitter drifts in, so they may all be off together.
  const deviationMs = tripsMs(trips, { upMs: up.jitterMs, downMs: down.jitterMs });
  const chanceMs = (REFUSED * deviationMs) / Math.sqrt(Math.max(1, count / 4));
  const allowedMs = trips * toleranceMs((up.delayMs + down.delayMs) / 2) + chanceMs;
  return difference(what, askedMs, measuredMs, floorMs, allowedMs);
}

function waysOf({ pings }: Observation): { up: OneWay[]; down: OneWay[] } {
  return {
    up: pings.map(({ sentUs, upUs }) => ({ atUs: sentUs, us: upUs })),
    down: pings.map(({ sentUs, upUs, downUs }) => ({ atUs: sentUs + upUs, us: downUs })),
  };
}

function middleMs(pings: readonly OneWay[]): number {
  return pings.length === 0 ? 0 : median(pings.map(({ us }) => us)) / 1000;
}

function both(us: readonly number[], floorUs: readonly number[]): Calibration['firstByte'] {
  const middle = (values: readonly number[]): number => (values.length === 0 ? 0 : median(values) / 1000);
  return { measuredMs: middle(us), floorMs: middle(floorUs) };
}
