/**
 * Microseconds of the machine's monotonic clock. Node's hrtime is CLOCK_MONOTONIC on Linux (mach_absolute_time on
 * macOS, QueryPerformanceCounter on Windows): one clock for all processes of a machine, so that instants of
 * different processes may be subtracted. A double holds 0.01 µs over centuries of uptime.
 */
export function nowUs(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
