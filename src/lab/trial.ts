import { chooseBackend } from '../link/backends.ts';
import type { Sample } from '../measure/sample.ts';
import { modeNamed } from '../modes/index.ts';
import { OWN_RUNTIME } from '../runtimes/index.ts';
import { isSinglePhase, type Cell, type Plan } from '../scenario/plan.ts';
import { assemble, cancel } from './assemble.ts';
import { Cleanup } from './cleanup.ts';
import { Evidence } from './evidence.ts';
import { methodLacks } from './payload-lacks.ts';
import { runHandshakes, samplesOf } from './phases/handshake.ts';
import type { RunObserver } from './observer.ts';
import { placedOf } from './reach.ts';
import { planTrial } from './trial-plan.ts';
import type { Unsupported } from './unsupported.ts';

/**
 * Tries what runs on another runtime than the bench's own, and brokers that are not the bench's own, before anything is
 * measured: a few connections of each mode on each broker, judged as in a run. What a TLS stack or a broker does not
 * have, or silently does otherwise, is told by what it did. The proxy carries them, since its tap sees what a stack's interface does not tell.
 * Of the modes in which hops dial a broker it is tried whether the broker starts with them: what a hop makes of them, the run tells.
 */
export async function tryForeign(
  plan: Plan,
  options: { pkiFolder: string; observer: RunObserver; stop: AbortSignal },
): Promise<Unsupported[]> {
  const { plan: trial, standsFor, isDialled } = planTrial(plan);
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
    const dialled = new Set(
      phase.cells.filter((cell) => isDialled(cell) && !unserved.has(cell.index)).map(({ index }) => index),
    );
    const served = {
      ...phase,
      cells: phase.cells.filter(({ index }) => dialled.has(index)),
      arrivals: phase.arrivals.filter(({ cell }) => dialled.has(cell)),
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
    const isRefused = (cell: Cell): boolean =>
      placedOf(lab.brokers, cell)?.running.unserved.has(cell.mode) === true;
    const tried = phase.cells.flatMap((cell): Unsupported[] => {
      const refused = isRefused(cell);
      if (!refused && !isDialled(cell)) return [];
      const lack = unserved.get(cell.index);
      const found = lack === undefined ? verdict(samples.get(cell.id) ?? []) : { reason: lack };
      if (found === undefined) return [];
      const concerned = refused ? standsFor(cell) : whereDialled(cell, plan, standsFor(cell));
      return concerned.map(({ mode, broker, topology }) => ({
        mode,
        broker: broker.id,
        topology: topology.id,
        ...found,
      }));
    });
    return [...briefly(plan, tried), ...lacking];
  } finally {
    for (const problem of await cleanup.run()) options.observer.warn(`Could not clean up: ${problem}`);
  }
}

/** The cells of the run that are concerned by what clients saw in a cell of the trial. */
function whereDialled({ mode, broker }: Cell, { cells }: Plan, behind: readonly Cell[]): Cell[] {
  // What a client's own stack does not have, it does not have in front of hops either.
  const all = modeNamed(mode).clientRuntime === OWN_RUNTIME ? behind : cells;
  return all.filter((cell) => cell.mode === mode && cell.broker === broker);
}

/** What was found, said once of a mode on a broker where it is the same behind all topologies. */
function briefly({ cells }: Plan, found: readonly Unsupported[]): Unsupported[] {
  const each = new Map(found.map((out) => [`${out.mode} ${out.broker} ${out.topology}`, out]));
  return [...Map.groupBy(each.values(), ({ mode, broker }) => `${mode} ${broker}`).values()].flatMap(
    (own) => {
      const [out] = own;
      if (out === undefined) return [];
      const { topology: _topology, ...first } = out;
      const behind = cells.filter(({ mode, broker }) => mode === first.mode && broker.id === first.broker);
      const isSame =
        own.every(({ reason }) => reason === first.reason) &&
        own.length === new Set(behind.map(({ topology }) => topology)).size;
      return isSame ? [first] : own;
    },
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
