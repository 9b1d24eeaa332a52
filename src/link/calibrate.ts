import { environmentError, messageOf } from '../errors.ts';
import type { DirectionTraffic, OpenLink, Route, Traffic } from './backend.ts';
import type { Calibration } from './calibration/calibration.ts';
import { routePlan } from './calibration/plan.ts';
import { verdict } from './calibration/verdict.ts';
import type { Observation } from './probe/protocol.ts';
import { startProbes, type Probes } from './probe/start.ts';
import { NULL_LINK, type LinkSpec } from './spec.ts';

/** A busy moment of the machine looks like a wrong link; a wrong link looks wrong every time. */
const ATTEMPTS = 3;

interface Routed {
  link: LinkSpec;
  route: Route;
}

/**
 * Finds out what open links really do. A process on the client's side stamps small packets on open connections and one
 * on the broker's side stamps their arrival; both read the machine's monotonic clock, so that each direction is
 * measured by itself. Connecting and the first byte are timed on connections of their own; where a rate is asked,
 * segments are sent back to back; where loss is asked, the link's own count of packets tells.
 */
export class Calibrator {
  readonly #open: OpenLink;
  readonly #probes: Probes;
  readonly #routes = new Map<string, Route>();

  private constructor(open: OpenLink, probes: Probes) {
    this.#open = open;
    this.#probes = probes;
  }

  /** Starts the two processes; {@link Calibrator.close} ends them. */
  static async start(open: OpenLink): Promise<Calibrator> {
    return new Calibrator(open, await startProbes(open));
  }

  /**
   * Measures the null link first, which is the machine's own part, then all links at once. Links that are off are
   * measured again, with the floor, up to three times in all; `attempts` tells. Pauses between probes follow from
   * `seed`.
   *
   * Answers by link id. A link that is off is answered with `calibrated: false`; an error (exit code 5) means that
   * nothing could be measured. The probes' connections are told as flows too; no sample has their addresses.
   */
  async calibrate(links: readonly LinkSpec[], seed = 1): Promise<Map<string, Calibration>> {
    try {
      const found = new Map<string, Calibration>();
      const overNull = await this.#routed(NULL_LINK);
      const routed: Routed[] = [];
      for (const link of links) routed.push(await this.#routed(link));
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const left = routed.filter(({ link }) => found.get(link.id)?.calibrated !== true);
        if (left.length === 0) break;
        const attemptSeed = seed + attempt * links.length;
        const [floor = NOTHING] = await this.#observe([overNull], attemptSeed);
        const before = await this.#open.traffic();
        const seen = await this.#observe(left, attemptSeed);
        const traffic = between(before, await this.#open.traffic());
        for (const [n, { link, route }] of left.entries()) {
          const evidence = {
            seen: seen[n] ?? NOTHING,
            floor,
            traffic: traffic.get(link.id),
            modelledConnect: route.modelledConnectMs > 0,
          };
          found.set(link.id, { ...verdict(link, evidence), attempts: attempt });
        }
      }
      return found;
    } catch (error) {
      throw environmentError(
        `The links could not be calibrated: ${messageOf(error).split('\n', 1)[0]}`,
        'See that nothing else loads this machine, or choose another backend.',
      );
    }
  }

  async close(): Promise<void> {
    await this.#probes.stop();
  }

  async #routed(link: LinkSpec): Promise<Routed> {
    const route = this.#routes.get(link.id) ?? (await this.#open.route(link, this.#probes.target));
    this.#routes.set(link.id, route);
    return { link, route };
  }

  #observe(over: readonly Routed[], seed: number): Promise<Observation[]> {
    return this.#probes.probe({ routes: over.map(({ link, route }) => routePlan(link, route)), seed });
  }
}

/** Calibrates links once. */
export async function calibrate(
  open: OpenLink,
  links: readonly LinkSpec[],
  seed = 1,
): Promise<Map<string, Calibration>> {
  const calibrator = await Calibrator.start(open);
  try {
    return await calibrator.calibrate(links, seed);
  } finally {
    await calibrator.close();
  }
}

const NOTHING: Observation = { pings: [], connectUs: [], firstByteUs: [], trainsUp: [], trainsDown: [] };

/** What crossed each link between two counts. */
function between(
  before: ReadonlyMap<string, Traffic>,
  after: ReadonlyMap<string, Traffic>,
): Map<string, Traffic> {
  const less = (to: DirectionTraffic, from: DirectionTraffic | undefined): DirectionTraffic => ({
    packets: to.packets - (from?.packets ?? 0),
    lost: to.lost - (from?.lost ?? 0),
    overflowed: to.overflowed - (from?.overflowed ?? 0),
  });
  return new Map(
    [...after].map(([id, { up, down }]) => [
      id,
      { up: less(up, before.get(id)?.up), down: less(down, before.get(id)?.down) },
    ]),
  );
}
