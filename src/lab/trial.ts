import { chooseBackend } from '../link/backends.ts';
import { NULL_LINK } from '../link/spec.ts';
import type { Sample } from '../measure/sample.ts';
import { modeNamed } from '../modes/index.ts';
import { OWN_RUNTIME } from '../runtimes/index.ts';
import { isSinglePhase, makePlan, type Cell, type Plan } from '../scenario/plan.ts';
import { DIRECT } from '../topology/direct.ts';
import { topologyNamed } from '../topology/index.ts';
import { assemble, cancel } from './assemble.ts';
import { stampsOf } from './broker-side.ts';
import { Cleanup } from './cleanup.ts';
import { Evidence } from './evidence.ts';
import { methodLacks } from './payload-lacks.ts';
import { runHandshakes, samplesOf } from './phases/handshake.ts';
import type { RunObserver } from './observer.ts';
import type { Unsupported } from './unsupported.ts';

/** The first attempt of a process may be slow; one of these must be good. */
const ATTEMPTS = 3;
const TIMEOUT_MS = 5000;

/**
 * Tries what runs on another runtime than the bench's own, and brokers that are not the bench's own, before anything is
 * measured: a few connections of each mode on each broker, judged as in a run. What a TLS stack or a broker does not
 * have, or silently does otherwise, is told by what it did. The proxy carries them, since its tap sees what a stack's interface does not tell.
 */
export async function tryForeign(
  plan: Plan,
  options: { pkiFolder: string; observer: RunObserver; stop: AbortSignal },
): Promise<Unsupported[]> {
  const trial = trialPlan(plan);
  const [phase] = trial.phases;
  if (phase === undefined || !isSinglePhase(phase) || phase.cells.length === 0) return [];
  const cleanup = new Cleanup();
  const crash = new AbortController();
  try {
    const evidence = new Evidence();
    const { backend } = await chooseBackend('proxy', trial.scenario.links);
    const onCrash = (error: Error): void => crash.abort(error);
    const link = await backend.open({ onFlow: (flow) => evidence.onFlow(flow), onCrash });
    cleanup.add(() => link.close());
    const lab = await assemble(trial, link, options.pkiFolder, { ...evidence.listeners(), onCrash }, cleanup);
    const unserved = new Map(lab.unserved.map(({ cell, reason }) => [cell, reason]));
    const served = {
      ...phase,
      cells: phase.cells.filter(({ index }) => !unserved.has(index)),
      arrivals: phase.arrivals.filter(({ cell }) => !unserved.has(cell)),
    };
    const stop = AbortSignal.any([options.stop, crash.signal]);
    stop.addEventListener('abort', () =>
      cancel(lab, { reason: 'interrupted', detail: 'The trial was interrupted.' }),
    );
    // What does not work here is what it is for, and no news.
    const observer = { ...options.observer, warn: () => {}, progress: () => {} };
    const { startUs } = await runHandshakes(served, {
      lab,
      evidence,
      observer,
      seed: trial.scenario.seed,
      stop,
    });
    crash.signal.throwIfAborted();
    // What an interrupted trial did not come to is not thereby impossible.
    if (options.stop.aborted) return [];
    const lacking = await methodLacks(plan, lab);
    const samples = Map.groupBy(samplesOf(served, startUs, evidence), ({ cell }) => cell);
    const tried = phase.cells.flatMap((cell): Unsupported[] => {
      const lack = unserved.get(cell.index);
      const found = lack === undefined ? verdict(samples.get(cell.id) ?? []) : { reason: lack };
      return found === undefined ? [] : [{ mode: cell.mode, broker: cell.broker.id, ...found }];
    });
    return [...tried, ...lacking];
  } finally {
    for (const problem of await cleanup.run()) options.observer.warn(`Could not clean up: ${problem}`);
  }
}

/** One cell for each mode and broker of which at least one has another TLS stack than the bench's own, without a link. */
function trialPlan({ scenario, cells }: Plan): Plan {
  const isForeign = (cell: Cell): boolean =>
    // Behind a hop that ends TLS the broker never sees the clients' mode.
    topologyNamed(cell.topology.name).brokerMode(cell.mode, cell.topology) === cell.mode &&
    (stampsOf(cell) === 'wire' ||
      cell.broker.runtime !== OWN_RUNTIME ||
      modeNamed(cell.mode).clientRuntime !== OWN_RUNTIME);
  const foreign = new Set(cells.filter(isForeign).map(({ mode, broker }) => `${mode} ${broker.id}`));
  const leftOut = scenario.modes.flatMap((mode) =>
    scenario.brokers
      .filter(({ id }) => !foreign.has(`${mode} ${id}`))
      .map(({ id }) => ({ mode, broker: id })),
  );
  return makePlan(
    {
      ...scenario,
      links: [NULL_LINK],
      topologies: [DIRECT],
      workloads: [
        {
          kind: 'handshake',
          // Without standing subscribers, which a broker might not serve either.
          action: 'subscribe',
          qos: 0,
          payloadBytes: 0,
          connectionsPerSecond: 50,
          arrivals: 'even',
          timeoutMs: TIMEOUT_MS,
          workers: 1,
        },
      ],
      rounds: ATTEMPTS,
      warmupRounds: 0,
    },
    leftOut,
  );
}

/** Why a mode is not what it says; undefined when one of its attempts was good. */
function verdict(samples: readonly Sample[]): Pick<Unsupported, 'reason' | 'wrongParameters'> | undefined {
  const outcomes = samples.map(({ outcome }) => outcome);
  if (outcomes.some(({ status }) => status === 'ok')) return undefined;
  const last = outcomes.at(-1);
  if (last === undefined || last.status === 'ok') return { reason: 'no connection was tried' };
  if (last.status === 'failed') return { reason: `${last.reason} (${last.detail})` };
  return {
    reason: last.detail,
    ...(last.reason.startsWith('mismatch:') ? { wrongParameters: true as const } : {}),
  };
}
