import { accessOf, delayOf } from '../broker/access/choice.ts';
import type { Milestone } from '../measure/milestones.ts';
import { accessWaitMs } from '../model/access.ts';
import { modeNamed } from '../modes/index.ts';
import { median } from '../stats/median.ts';
import type { Sorted } from '../results/cell.ts';
import type { CellResult } from '../results/schema.ts';
import type { Cell } from '../scenario/plan.ts';
import { topologyNamed } from '../topology/index.ts';
import { refusedAtOf } from './refusals.ts';

/** How much later each milestone of a cell is for its access management, in theory. */
export function accessWaitsOf(cell: Cell): (milestone: Milestone) => number {
  const access = accessOf(cell.broker);
  const mode = modeNamed(cell.mode);
  // Who is refused by his credentials is not asked about.
  if (access === undefined || mode.refusedAt !== undefined) return () => 0;
  // Single attempts have a client identifier each, so that only an answer for a user is there before its connection.
  const kept = access.cache && mode.auth !== 'none' && mode.auth !== 'client-id';
  const askMs = access.reachable && !kept ? delayOf(access, brokerModeOf(cell)) : 0;
  const theory = { at: access.at, askMs, refusedAt: refusedAtOf(cell) };
  return (milestone) => accessWaitMs(theory, milestone);
}

/** What a cell's broker asked of access management; undefined where it has none. */
export function accessResult(cell: Cell, { attempts, good }: Sorted): CellResult['access'] {
  const access = accessOf(cell.broker);
  if (access === undefined) return undefined;
  const decisions = attempts.flatMap(({ access = [] }) => access);
  const asked = decisions.filter(({ cached }) => !cached);
  const count = (outcome: (typeof decisions)[number]['outcome']): number =>
    decisions.filter((decision) => decision.outcome === outcome).length;
  const tookMs = good.flatMap(({ access = [] }) =>
    access.flatMap(({ cached, tookMs }) => (cached ? [] : [tookMs])),
  );
  return {
    at: access.at,
    delayMs: delayOf(access, brokerModeOf(cell)),
    cache: access.cache,
    asked: asked.length,
    kept: decisions.length - asked.length,
    denied: count('denied'),
    unanswered: count('unanswered'),
    ...(tookMs.length === 0 ? {} : { askedP50Ms: median(tookMs) }),
  };
}

/** The service is asked by the mode that the broker knows of a client: behind a hop that ends TLS, the hop's. */
function brokerModeOf({ mode, topology }: Cell): string {
  return topologyNamed(topology.name).brokerMode(mode, topology);
}
