import { median, quantile } from 'simple-statistics';
import { environmentError, messageOf } from '../errors.ts';
import { tripsMs, type OneWayDelays } from '../model/predict.ts';
import { startChild, type Child } from '../process/child.ts';
import type { Calibration, OpenLink, Route } from './backend.ts';
import { probeProtocol, type Observation, type ProbePlan } from './probe/protocol.ts';
import { NULL_LINK, type LinkSpec } from './spec.ts';

export interface CalibrateOptions {
  /** Packets in each direction over each link; 40 when absent. */
  probes?: number;
  /** Spacings follow from it; 1 when absent. */
  seed?: number;
}

/** A busy moment of the machine looks like a wrong link; a wrong link looks wrong every time. */
const ATTEMPTS = 3;
const CONNECTS = 9;
const WARMUP = 6;
const LEAST_SPACING_MS = 5;
/**
 * Fewer than the initial window of 10 segments (RFC 6928) may be under way on a probe's connection: under real TCP the
 * next ones would wait for an acknowledgement, and their delay would be the window's, not the link's.
 */
const UNDER_WAY = 6;
/** Beyond the link's own delays; a probe that takes longer met a machine that nothing can be measured on. */
const PATIENCE_MS = 3000;

/**
 * Finds out what open links really do, before anything rests on it: the null link first, which is the machine's own
 * part, then all links at once. A process on the client's side stamps small packets on open connections and one on
 * the broker's side stamps their arrival; both read the machine's monotonic clock, so that each direction is measured
 * by itself. The link's two TCP trips before the first byte are timed on connections of their own.
 *
 * `measured` is the raw median, the floor not taken off: what a packet of a connection experiences on one trip, and
 * so what trips are to be multiplied with. The floor only serves the verdict, which is about the emulator.
 *
 * Links that are off are measured again, with the floor, up to three times in all; `attempts` tells.
 *
 * Answers by link id. A link that is off is answered with `calibrated: false`; an error (exit code 5) means that
 * nothing could be measured. The probes' connections are told as flows too; no sample has their addresses.
 */
export async function calibrate(
  open: OpenLink,
  links: readonly LinkSpec[],
  options: CalibrateOptions = {},
): Promise<Map<string, Calibration>> {
  const probes = options.probes ?? 40;
  const children = await startProbes(open);
  try {
    const { responder, prober } = children;
    const { port } = await responder.call('listen', { host: open.brokerHost });
    const target = { host: open.brokerHost, port };
    const found = new Map<string, Calibration>();
    const floorRoute = await open.route(NULL_LINK, target);
    const routed: Routed[] = [];
    for (const link of links) routed.push({ link, route: await open.route(link, target) });

    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const left = routed.filter(({ link }) => found.get(link.id)?.calibrated !== true);
      if (left.length === 0) break;
      const observe = async (over: readonly Routed[]): Promise<Observation[]> => {
        const plan = planFor(over, probes, (options.seed ?? 1) + attempt * links.length);
        return (await prober.call('probe', plan)).observations;
      };
      const [floor = NOTHING] = await observe([{ link: NULL_LINK, route: floorRoute }]);
      const seen = await observe(left);
      for (const [n, { link }] of left.entries()) {
        found.set(link.id, { ...verdict(link, floor, seen[n] ?? NOTHING, probes), attempts: attempt });
      }
    }
    return found;
  } catch (error) {
    throw environmentError(
      `The links could not be calibrated: ${messageOf(error).split('\n', 1)[0]}`,
      'See that nothing else loads this machine, or choose another backend.',
    );
  } finally {
    await Promise.all([children.responder.stop(), children.prober.stop()]);
  }
}

async function startProbes(
  open: OpenLink,
): Promise<Record<'responder' | 'prober', Child<typeof probeProtocol>>> {
  const module = new URL('./probe.child.ts', import.meta.url);
  const start = (name: string, prefix: readonly string[]): Promise<Child<typeof probeProtocol>> =>
    startChild(probeProtocol, { module, name, prefix });
  const [responder, prober] = await Promise.all([
    start('link responder', open.prefix.broker),
    start('link prober', open.prefix.client),
  ]);
  return { responder, prober };
}

interface Routed {
  link: LinkSpec;
  route: Route;
}

function planFor(over: readonly Routed[], probes: number, seed: number): ProbePlan {
  const longestMs = Math.max(0, ...over.map(({ link: { up, down } }) => up.delayMs + down.delayMs));
  return {
    routes: over.map(({ route: { host, port } }) => ({ host, port })),
    connects: CONNECTS,
    probes,
    warmup: WARMUP,
    meanSpacingMs: Math.max(LEAST_SPACING_MS, longestMs / UNDER_WAY),
    patienceMs: 3 * longestMs + PATIENCE_MS,
    seed,
  };
}

const NOTHING: Observation = { upUs: [], downUs: [], firstByteUs: [] };

/** Exported for its test alone: the verdict on given observations, in microseconds. */
export function verdict(
  link: LinkSpec,
  floor: Observation,
  seen: Observation,
  probes: number,
): Omit<Calibration, 'attempts'> {
  const asked: OneWayDelays = { upMs: link.up.delayMs, downMs: link.down.delayMs };
  const floorMs: OneWayDelays = { upMs: medianMs(floor.upUs), downMs: medianMs(floor.downUs) };
  const count = Math.min(seen.upUs.length, floor.upUs.length);
  const measured = {
    upMs: medianMs(seen.upUs),
    downMs: medianMs(seen.downUs),
    upP99Ms: p99Ms(seen.upUs),
    downP99Ms: p99Ms(seen.downUs),
    count,
  };
  const firstByte = { measuredMs: medianMs(seen.firstByteUs), floorMs: medianMs(floor.firstByteUs) };
  const meanMs = (asked.upMs + asked.downMs) / 2;
  const problems = [
    count < probes ? `only ${count} of ${probes} probes were answered` : undefined,
    off('up', asked.upMs, measured.upMs, floorMs.upMs, toleranceMs(asked.upMs)),
    off('down', asked.downMs, measured.downMs, floorMs.downMs, toleranceMs(asked.downMs)),
    off(
      'the first byte of a new connection, after three trips',
      tripsMs(3, asked),
      firstByte.measuredMs,
      firstByte.floorMs,
      3 * toleranceMs(meanMs),
    ),
  ].filter((problem) => problem !== undefined);
  const found = { measured, floor: floorMs, firstByte };
  if (problems.length === 0) return { ...found, calibrated: true };
  return { ...found, calibrated: false, problem: problems.join('; ') };
}

function toleranceMs(askedMs: number): number {
  return Math.max(0.5, 0.01 * askedMs);
}

function off(
  what: string,
  askedMs: number,
  measuredMs: number,
  floorMs: number,
  tolerance: number,
): string | undefined {
  const offMs = measuredMs - floorMs - askedMs;
  if (Math.abs(offMs) <= tolerance) return undefined;
  return (
    `${what}: ${askedMs} ms asked, ${measuredMs.toFixed(2)} ms measured over a floor of ${floorMs.toFixed(2)} ms, ` +
    `off by ${offMs.toFixed(2)} ms where ${tolerance.toFixed(2)} ms are allowed`
  );
}

function medianMs(us: readonly number[]): number {
  return us.length === 0 ? 0 : median([...us]) / 1000;
}

function p99Ms(us: readonly number[]): number {
  return us.length === 0 ? 0 : quantile([...us], 0.99) / 1000;
}
