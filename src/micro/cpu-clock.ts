import { environmentError } from '../errors.ts';

/**
 * CPU time of this thread so far, user and system, in milliseconds at a resolution of microseconds. It does not run on
 * while others have the core, so a busy machine disturbs it far less than a wall clock. What Node does in other threads
 * (compiling hot functions, parts of garbage collection) is not in it.
 */
export function threadCpuMs(): number {
  // Linux adds the running slice to a thread's account at a tick or a switch, every few milliseconds, or when the whole
  // process is asked about: without this line most steps would take 0 ms and some 4.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Steps of the clock must be small beside what is measured. */
const COARSEST_MS = 0.05;
const SPIN_MS = 200;

/**
 * Throws a BenchError where Node has no such clock, or where it is too coarse for handshakes of a millisecond: where no
 * step of 0.05 ms or less is seen while the thread spins.
 */
export function requireCpuClock(): void {
  if (typeof process.threadCpuUsage !== 'function') {
    throw environmentError(
      `Node ${process.versions.node} cannot tell the CPU time of a thread`,
      'Use Node 23.9 or newer; the one that the lockfile pins is.',
    );
  }
  const until = performance.now() + SPIN_MS;
  let last = threadCpuMs();
  while (performance.now() < until) {
    const now = threadCpuMs();
    if (now > last && now - last <= COARSEST_MS) return;
    last = now;
  }
  throw environmentError(
    "This system's clock of CPU time is too coarse to time a handshake",
    'Use another system: Linux on bare metal or in a virtual machine is fine.',
  );
}
