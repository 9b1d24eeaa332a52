import { readFile } from 'node:fs/promises';
import { environmentError } from '../errors.ts';
import { tripsTo } from '../model/theory.ts';
import { modeNamed } from '../modes/index.ts';
import { isSinglePhase, type Phase, type Plan } from '../scenario/plan.ts';
import { fleetPhaseOf } from './phases/index.ts';

/** Files that a process has open beside its connections. */
const OWN_FILES = 64;
/** Compute and closing, on top of what the link takes. */
const MARGIN_MS = 1000;

/** Throws an environment error (exit code 5) when the run would need more open files than a process may have. */
export async function checkFileLimit(plan: Plan): Promise<void> {
  const limit = await fileLimit();
  if (limit === undefined) return;
  // An emulator in userland holds two sockets for each connection.
  const needed = OWN_FILES + 2 * Math.ceil(Math.max(...plan.phases.map(openAtOnce)));
  if (needed <= limit) return;
  throw environmentError(
    `The run needs about ${needed} open files in one process, the limit is ${limit}`,
    `Raise it in this shell with \`ulimit -n ${needed}\`, or ask for fewer clients or a lower rate.`,
  );
}

/** The hard limit of open files, to which Node raises its own; undefined where the system does not tell. */
export async function fileLimit(): Promise<number | undefined> {
  try {
    const text = await readFile('/proc/self/limits', 'utf8');
    const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
    return hard === undefined || hard === 'unlimited' ? undefined : Number(hard);
  } catch {
    return undefined;
  }
}

/** Connections that are open at one time, by Little's law. */
function openAtOnce(phase: Phase): number {
  if (!isSinglePhase(phase)) {
    return Math.max(
      0,
      ...phase.cells.map(({ workload }) => fleetPhaseOf(workload.kind)?.openAtOnce(workload) ?? 0),
    );
  }
  const longestMs = Math.max(
    ...phase.cells.map(({ mode, link }) => {
      const trips = (tripsTo(modeNamed(mode).theory, 'pubcompReceived') ?? 0) + 2;
      return trips * Math.max(link.up.delayMs, link.down.delayMs) + MARGIN_MS;
    }),
  );
  return phase.cells.length + (phase.workload.connectionsPerSecond * longestMs) / 1000;
}
