import { environmentError, messageOf } from '../errors.ts';
import type { DirectionTraffic, OpenLink, Route, Traffic } from './backend.ts';
import type { Calibration } from './calibration/calibration.ts';
import { routePlan } from './calibration/plan.ts';
import { verdict } from './calibration/verdict.ts';
import type { Observation } from './probe/protocol.ts';
import { startProbes } from './probe/start.ts';
import { NULL_LINK, type LinkSpec } from './spec.ts';

/** A busy moment of the machine looks like a wrong link; a wrong link looks wrong every time. */
const ATTEMPTS = 3;

/**
 * Finds out what open links really do: the null link first, which is the machine's own part, then all links at once. A
 * process on the client's side stamps small packets on open connections and one on the broker's side stamps their
 * arrival; both read the machine's monotonic clock, so that each direction is measured by itself. Connecting and the
 * first byte are timed on connections of their own; where a rate is asked, segments are sent back to back; where loss
 * is asked, the link's own count of packets tells.
 *
 * Links that are off are measured again, with the floor, up to three times in all; `attempts` tells. Pauses between
 * probes follow from `seed`.
 *
 * Answers by link id. A link that is off is answered with `calibrated: false`; an error (exit code 5) means that
 * nothing could be measured. The probes' connections are told as flows too; no sample has their addresses.
 */
export async function calibrate(
  open: OpenLink,
  links: readonly LinkSpec[],
  seed = 1,
): Promise<Map<string, Calibration>> {
  const probes = await startProbes(open);
  try {
    const { target } = probes;
    const found = new Map<string, Calibration>();
    const overNull = { link: NULL_LINK, route: await open.route(NULL_LINK, target) };
    const routed: Routed[] = [];
    for (const link of links) routed.push({ link, route: await open.route(link, target) });

    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const left = routed.filter(({ link }) => found.get(link.id)?.calibrated !== true);
      if (left.length === 0) break;
      const observe = (over: readonly Routed[]): Promise<Observation[]> => {
        const routes = over.map(({ link, route }) => routePlan(link, route));
        return probes.probe({ routes, seed: seed + attempt * links.length });
      };
      const [floor = NOTHING] = await observe([overNull]);
      const before = await open.traffic();
      const seen = await observe(left);
      const traffic = between(before, await open.traffic());
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
  } finally {
    await probes.stop();
  }
}

interface Routed {
  link: LinkSpec;
  route: Route;
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
