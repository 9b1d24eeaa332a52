import { messageOf } from '../errors.ts';
import { chooseBackend } from '../link/backends.ts';
import type { BackendName } from '../link/backend.ts';
import { Calibrator } from '../link/calibrate.ts';
import { nowUs } from '../measure/clock.ts';
import type { Sample } from '../measure/sample.ts';
import { modeNamed } from '../modes/index.ts';
import { createPki } from '../pki/folder.ts';
import { LoopWatch } from '../process/loop-watch.ts';
import { claimFolder, writeRun } from '../results/folder.ts';
import { SCHEMA_VERSION, type Results, type Throughput } from '../results/schema.ts';
import type { Plan } from '../scenario/plan.ts';
import { toYaml } from '../scenario/to-yaml.ts';
import { assemble, type Lab } from './assemble.ts';
import { Cleanup } from './cleanup.ts';
import { describeEnvironment, describeTool } from './environment.ts';
import { Evidence } from './evidence.ts';
import { isStopping, runHandshakes, samplesOf } from './handshake-phase.ts';
import { checkFileLimit } from './limits.ts';
import { calibrateAfter, calibrateBefore, describeLinks } from './links.ts';
import type { RunObserver } from './observer.ts';
import { makePrivateFolder } from './private-folder.ts';
import { runPubsub } from './pubsub-phase.ts';
import { summarise } from './summarise.ts';
import { tryForeign } from './trial.ts';
import { leaveOutUnsupported, without, type Unsupported } from './unsupported.ts';
import { readUsage, type ProcessUsage } from './usage.ts';
import { warningsOf } from './warnings.ts';

export interface RunOptions {
  backend: 'auto' | BackendName;
  /** Go on over a link that is not what was asked for; every figure is then marked. */
  allowUncalibrated: boolean;
  /** The run folder; must not exist yet, or be empty. */
  folder: string;
  observer: RunObserver;
  /** Aborted by Ctrl-C: what was measured until then is saved and marked. */
  signal: AbortSignal;
}

/**
 * Runs a plan: makes the certificates, starts links, brokers and swarms, measures, stops everything in every case and
 * writes the run folder (all but the report's pictures). Throws a BenchError when the lab cannot be built. When a part
 * dies or the signal is aborted on the way, what was measured is saved, and the results are not `complete`.
 */
export async function run(asked: Plan, options: RunOptions): Promise<Results> {
  const cleanup = new Cleanup();
  try {
    const { plan, unsupported } = await leaveOutUnsupported(asked);
    warnOf(unsupported, options.observer);
    await checkFileLimit(plan);
    await claimFolder(options.folder);
    const measurement = await measure(plan, options, cleanup);
    const results = {
      ...conclude(measurement),
      unsupported: [...unsupported, ...measurement.unsupported],
    };
    await writeRun(options.folder, {
      results,
      samples: measurement.samples,
      scenarioYaml: toYaml(asked.scenario),
    });
    return results;
  } finally {
    for (const problem of await cleanup.run()) options.observer.warn(`Could not clean up: ${problem}`);
  }
}

function warnOf(unsupported: readonly Unsupported[], observer: RunObserver): void {
  for (const [reason, all] of Map.groupBy(unsupported, (one) => one.reason)) {
    const names = all.map(({ mode, broker }) => (broker === undefined ? mode : `${mode} on ${broker}`));
    observer.warn(`not supported here: ${names.join(', ')}: ${reason}`);
  }
}

/** What a run leaves behind when its processes are gone. */
interface Measurement {
  /** What was measured, after what other runtimes turned out not to have was left out. */
  plan: Plan;
  unsupported: Unsupported[];
  startedAt: Date;
  durationMs: number;
  /** Why the run ended before its plan did. */
  ended: string | undefined;
  evidence: Evidence;
  samples: Sample[];
  throughput: Map<number, Throughput>;
  links: Results['links'];
  processes: ProcessUsage[];
  environment: Results['environment'];
  modelledConnect: boolean;
}

async function measure(asked: Plan, options: RunOptions, cleanup: Cleanup): Promise<Measurement> {
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
    [...new Set(asked.cells.map(({ mode }) => mode))].map((mode) => modeNamed(mode).needs),
  );
  const unsupported = await tryForeign(asked, { pkiFolder, observer, stop });
  warnOf(unsupported, observer);
  const plan = without(asked, unsupported);

  const { links } = plan.scenario;
  const { backend, why } = await chooseBackend(options.backend, links);
  observer.step(`opening the link: ${why}`);
  const open = await backend.open({ onFlow: (flow) => evidence.onFlow(flow), onCrash });
  cleanup.add(() => open.close());
  observer.step('calibrating the link');
  const { seed } = plan.scenario;
  const calibrator = await Calibrator.start(open);
  cleanup.add(() => calibrator.close());
  const before = await calibrateBefore(calibrator, links, { ...options, seed });

  observer.step('starting brokers and clients');
  const lab = await assemble(plan, open, pkiFolder, { ...evidence.listeners(), onCrash }, cleanup);
  if (lab.unserved.length > 0)
    throw new Error(`Not served: ${lab.unserved.map(({ reason }) => reason).join()}`);
  stop.addEventListener('abort', () => cancel(lab, signal.aborted, stop.reason));
  if (stop.aborted) cancel(lab, signal.aborted, stop.reason);
  await Promise.all(lab.children.map((child) => child.resetUsage()));

  const phases = await runPhases(plan, { lab, evidence, observer, stop });

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
    plan,
    unsupported,
    startedAt,
    durationMs: (nowUs() - startUs) / 1000,
    ended: stop.aborted ? endedBecause(signal.aborted, stop.reason) : undefined,
    evidence,
    samples: phases.handshakes.flatMap(({ phase, startUs }) => samplesOf(phase, startUs, evidence)),
    throughput: phases.throughput,
    links: await describeLinks(open, links, calibrations),
    processes,
    environment: {
      ...describeEnvironment(),
      broker: lab.brokers.map(({ version }) => version).join('; '),
      clientRuntimes: lab.clientRuntimes.join('; '),
    },
    modelledConnect: lab.targets.some(({ modelledConnectMs }) => modelledConnectMs > 0),
  };
}

type HandshakePhase = Extract<Plan['phases'][number], { kind: 'handshake' }>;

async function runPhases(
  plan: Plan,
  context: { lab: Lab; evidence: Evidence; observer: RunObserver; stop: AbortSignal },
): Promise<{
  handshakes: { phase: HandshakePhase; startUs: number }[];
  throughput: Map<number, Throughput>;
}> {
  const { observer, stop } = context;
  const handshakes: { phase: HandshakePhase; startUs: number }[] = [];
  const throughput = new Map<number, Throughput>();
  for (const phase of plan.phases) {
    if (stop.aborted) break;
    if (phase.kind === 'handshake') {
      observer.step(`measuring ${phase.arrivals.length} connections`);
      handshakes.push({ phase, ...(await runHandshakes(phase, context)) });
      continue;
    }
    for (const [done, cell] of phase.cells.entries()) {
      if (stop.aborted || cell.workload.kind !== 'pubsub') break;
      observer.step(`publishing over ${cell.id} for ${cell.workload.seconds} s`);
      observer.progress({ done, total: phase.cells.length, failed: 0, unit: 'cells' });
      try {
        const flow = await runPubsub(cell, cell.workload, plan.scenario.seed, context);
        // A cell that was cut short has no throughput to speak of.
        if (!stop.aborted) throughput.set(cell.index, flow);
      } catch (error) {
        if (!(await isStopping(stop))) throw error;
      }
    }
  }
  return { handshakes, throughput };
}

function conclude(measurement: Measurement): Omit<Results, 'unsupported'> {
  const { plan, evidence, startedAt, durationMs, ended, links, processes, environment } = measurement;
  const { cells, slopes, inferences } = summarise({
    ...measurement,
    cells: plan.cells,
    seed: plan.scenario.seed,
  });
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: describeTool(),
    startedAt: startedAt.toISOString(),
    durationMs,
    complete: ended === undefined,
    ...(ended === undefined ? {} : { incompleteBecause: ended }),
    seed: plan.scenario.seed,
    environment,
    scenario: { ...plan.scenario },
    links,
    cells,
    slopes,
    inferences,
    processes,
    warnings: warningsOf(cells, evidence),
  };
}

function cancel(lab: Lab, interrupted: boolean, reason: unknown): void {
  const params = {
    reason: interrupted ? 'interrupted' : 'lab-part-died',
    detail: endedBecause(interrupted, reason),
  };
  // A worker that is gone needs no telling.
  for (const worker of [...[...lab.publishers.values()].flat(), lab.subscribers])
    worker.call('cancel', params).catch(() => {});
}

function endedBecause(interrupted: boolean, reason: unknown): string {
  return interrupted ? 'The run was interrupted.' : messageOf(reason);
}
