import { brokerNamed } from '../broker/index.ts';
import { BenchError, messageOf } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { chooseBackend } from '../link/backends.ts';
import { Calibrator } from '../link/calibrate.ts';
import { nowUs } from '../measure/clock.ts';
import type { Sample } from '../measure/sample.ts';
import { modeNamed } from '../modes/index.ts';
import { createPki } from '../pki/create.ts';
import { LoopWatch } from '../process/loop-watch.ts';
import type { Results } from '../results/schema.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import { isSinglePhase, linksOf, type Cell, type Plan, type SinglePhase } from '../scenario/plan.ts';
import { topologyNamed } from '../topology/index.ts';
import { assemble, cancel, type Lab } from './assemble.ts';
import type { Cleanup } from './cleanup.ts';
import { wantsOf } from './consent.ts';
import { Evidence } from './evidence.ts';
import { checkLimits } from './limits.ts';
import { calibrateAfter, calibrateBefore, describeLinks } from './links.ts';
import type { RunOptions } from './options.ts';
import { createPlanKeys } from './payload-keys.ts';
import { makePrivateFolder } from './private-folder.ts';
import { runHandshakes, samplesOf } from './phases/handshake.ts';
import { fleetPhaseOf } from './phases/index.ts';
import { isStopping, type FleetOutcome, type PhaseContext } from './phases/phase.ts';
import { leaveOut, togetherOf, type Side } from './sides.ts';
import { tryForeign } from './trial.ts';
import { findUnbuildable, type Unsupported } from './unsupported.ts';
import { readUsage, type ProcessUsage } from './usage.ts';

/** What a run leaves behind when its processes are gone. */
export interface Measurement {
  /** What was measured, after what other runtimes turned out not to have was left out. */
  sides: Side[];
  plan: Plan;
  startedAt: Date;
  durationMs: number;
  /** Why the run ended before its plan did, and by whom. */
  ended: Ending | undefined;
  evidence: Evidence;
  samples: Sample[];
  /** Of the cells whose workload is a fleet's, by their indices. */
  fleets: Map<number, FleetOutcome>;
  links: Results['links'];
  processes: ProcessUsage[];
  /** What each broker says that it is, by its id, and each runtime of clients. */
  brokerVersions: ReadonlyMap<string, string>;
  clientRuntimes: ReadonlyMap<RuntimeName, string>;
  modelledConnect: boolean;
}

/** The end of a run before that of its plan. */
interface Ending {
  because: string;
  by: NonNullable<Results['incompleteBy']>;
}

/** Builds the lab for all sides together, runs them and takes it down. */
export async function measure(
  asked: readonly Side[],
  options: Omit<RunOptions, 'folder'>,
  cleanup: Cleanup,
): Promise<Measurement> {
  const { observer, signal } = options;
  const startedAt = new Date();
  const startUs = nowUs();
  const watch = new LoopWatch();
  const evidence = new Evidence();
  const crash = new AbortController();
  const stop = AbortSignal.any([signal, crash.signal]);
  const onCrash = (error: Error): void => crash.abort(error);

  observer.step('making certificates');
  const pkiFolder = await makePrivateFolder(cleanup);
  await createPki(
    pkiFolder,
    [...new Set(asked.flatMap(({ plan }) => plan.cells.flatMap(modesOf)))].map(
      (mode) => modeNamed(mode).needs,
    ),
  );
  for (const choice of new Set(asked.flatMap(({ plan }) => plan.cells.map(({ broker }) => broker)))) {
    const context = { pkiFolder, step: (text: string) => observer.step(text), signal: stop };
    try {
      await brokerNamed(choice.name).prepare?.(choice, context);
    } catch (error) {
      endIfInterrupted(signal);
      throw error;
    }
  }
  const lacks: Unsupported[][] = [];
  for (const { plan } of asked) {
    endIfInterrupted(signal);
    lacks.push(await tryForeign(plan, { pkiFolder, observer, stop }));
  }
  endIfInterrupted(signal);
  const tried = leaveOut(asked, lacks, observer);
  const wanted = togetherOf(tried);
  const { backend, why } = await chooseBackend(options.backend, linksOf(wanted), wantsOf(wanted));
  const unbuildable = tried.map(({ plan }) => findUnbuildable(plan, backend.name));
  const sides = leaveOut(tried, await Promise.all(unbuildable), observer);
  const plan = togetherOf(sides);
  await checkLimits(plan, backend.name);
  const links = linksOf(plan);
  await createPlanKeys(pkiFolder, plan);
  observer.step(`opening the link: ${why}`);
  const open = await backend.open({ onFlow: (flow) => evidence.onFlow(flow), onCrash });
  cleanup.add(() => open.close());
  observer.step('calibrating the link');
  const { seed } = plan.scenario;
  const calibrator = await Calibrator.start(open);
  cleanup.add(() => calibrator.close());
  const before = await unlessInterrupted(signal, calibrateBefore(calibrator, links, { ...options, seed }));

  observer.step('starting brokers and clients');
  const lab = await assemble(plan, open, pkiFolder, { ...evidence.listeners(), onCrash }, cleanup);
  if (lab.unserved.length > 0)
    throw new Error(`Not served: ${lab.unserved.map(({ reason }) => reason).join()}`);
  stop.addEventListener('abort', () => cancelBecause(lab, signal.aborted, stop.reason));
  if (stop.aborted) cancelBecause(lab, signal.aborted, stop.reason);
  for (const [process, place] of lab.places) evidence.places.set(process, place);
  await Promise.all(lab.children.map((child) => child.resetUsage()));

  const phases = await runPhases(plan, { lab, evidence, observer, seed, stop });

  let calibrations = before;
  if (!stop.aborted) {
    observer.step('calibrating the link again');
    calibrations = await calibrateAfter(calibrator, links, before, { observer, seed: seed + 1 }).catch(
      (error: unknown) => {
        // What was measured is worth more than its second calibration.
        observer.warn(messageOf(error));
        return before;
      },
    );
  }

  observer.step('stopping');
  const processes = await readUsage(lab.children, watch, evidence);
  return {
    sides,
    plan,
    startedAt,
    durationMs: (nowUs() - startUs) / 1000,
    ended: stop.aborted ? endedBecause(signal.aborted, stop.reason) : undefined,
    evidence,
    samples: phases.handshakes.flatMap(({ phase, startUs }) => samplesOf(phase, startUs, evidence)),
    fleets: phases.fleets,
    links: await describeLinks(open, links, calibrations),
    processes,
    brokerVersions: new Map(lab.brokers.map(({ choice, running }) => [choice.id, running.version])),
    clientRuntimes: lab.clientRuntimes,
    modelledConnect: lab.targets.some(({ modelledConnectMs }) => modelledConnectMs > 0),
  };
}

/** The clients' mode, and that of the broker behind a hop. */
function modesOf({ mode, topology }: Cell): string[] {
  return [mode, topologyNamed(topology.name).brokerMode(mode, topology)];
}

/** What was not begun has nothing to save: who interrupts the preparations is not made to wait for the rest of them. */
function endIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new BenchError(EXIT.interrupted, 'Interrupted before anything was measured');
}

/** The same for work that goes on for a while and ends when its processes do, which cleaning up sees to. */
async function unlessInterrupted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const interrupted = Promise.withResolvers<void>();
  const onAbort = (): void => interrupted.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (!signal.aborted) await Promise.race([work, interrupted.promise]);
    endIfInterrupted(signal);
    return await work;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // What the processes' end makes of it is nobody's matter any more.
    work.catch(() => {});
  }
}

async function runPhases(
  plan: Plan,
  context: PhaseContext,
): Promise<{
  handshakes: { phase: SinglePhase; startUs: number }[];
  fleets: Map<number, FleetOutcome>;
}> {
  const { observer, stop } = context;
  const handshakes: { phase: SinglePhase; startUs: number }[] = [];
  const fleets = new Map<number, FleetOutcome>();
  for (const phase of plan.phases) {
    if (stop.aborted) break;
    if (isSinglePhase(phase)) {
      observer.step(`measuring ${phase.arrivals.length} connections`);
      handshakes.push({ phase, ...(await runHandshakes(phase, context)) });
      continue;
    }
    for (const [done, cell] of phase.cells.entries()) {
      if (stop.aborted) break;
      observer.progress({ done, total: phase.cells.length, failed: 0, unit: 'cells' });
      const fleet = await runFleet(cell, context);
      if (fleet !== undefined) fleets.set(cell.index, fleet);
    }
  }
  return { handshakes, fleets };
}

/** Undefined where it was cut short: then there is nothing to speak of. */
async function runFleet(cell: Cell, context: PhaseContext): Promise<FleetOutcome | undefined> {
  const phase = fleetPhaseOf(cell.workload.kind);
  if (phase === undefined) throw new Error(`${cell.id} is run with others`);
  context.observer.step(phase.step(cell, cell.workload));
  try {
    const outcome = await phase.run(cell, cell.workload, context);
    return context.stop.aborted && phase.partial !== true ? undefined : outcome;
  } catch (error) {
    if (!(await isStopping(context.stop))) throw error;
    return undefined;
  }
}

function cancelBecause(lab: Lab, interrupted: boolean, reason: unknown): void {
  cancel(lab, {
    reason: interrupted ? 'interrupted' : 'lab-part-died',
    detail: endedBecause(interrupted, reason).because,
  });
}

function endedBecause(interrupted: boolean, reason: unknown): Ending {
  if (interrupted) return { because: 'The run was interrupted.', by: 'user' };
  const isForeign = reason instanceof BenchError && reason.exitCode === EXIT.environment;
  return { because: messageOf(reason), by: isForeign ? 'environment' : 'bench' };
}
