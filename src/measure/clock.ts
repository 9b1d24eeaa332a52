import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** The ids of clock_gettime(2): CLOCK_MONOTONIC, and CLOCK_UPTIME_RAW, which is mach_absolute_time. */
const CLOCK_IDS = { linux: 1, darwin: 8 };

/**
 * What must be added to this process's hrtime to have the machine's monotonic clock. Node's hrtime is that clock; Bun's
 * and Deno's count from the start of their process.
 */
const ORIGIN_NS = 'bun' in process.versions || 'deno' in process.versions ? readOriginNs() : 0n;

/**
 * Microseconds of the machine's monotonic clock: CLOCK_MONOTONIC on Linux, mach_absolute_time on macOS,
 * QueryPerformanceCounter on Windows. It is one clock for all processes of a machine, so that instants of different
 * processes may be subtracted. A double holds 0.01 µs over centuries of uptime.
 */
export function nowUs(): number {
  return Number(ORIGIN_NS + process.hrtime.bigint()) / 1000;
}

/** The monotonic clock less this process's own, from the closest of several pairs of readings: within a microsecond. */
function readOriginNs(): bigint {
  // Not by a static import, which every process would pay for; nor by a top-level await, on which V8 aborts in threads.
  const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
  const isDarwin = process.platform === 'darwin';
  const library = koffi.load(isDarwin ? 'libSystem.dylib' : 'libc.so.6');
  const timespec = koffi.struct({ seconds: 'int64', nanoseconds: 'int64' });
  const read = library.func('clock_gettime', 'int', ['int', koffi.out(koffi.pointer(timespec))]);
  let best = { gapNs: 2n ** 63n, originNs: 0n };
  for (let reading = 0; reading < 50; reading++) {
    const now = { seconds: 0, nanoseconds: 0 };
    const before = process.hrtime.bigint();
    read(isDarwin ? CLOCK_IDS.darwin : CLOCK_IDS.linux, now);
    const gapNs = process.hrtime.bigint() - before;
    const monotonicNs = BigInt(now.seconds) * 1_000_000_000n + BigInt(now.nanoseconds);
    if (gapNs < best.gapNs) best = { gapNs, originNs: monotonicNs - before - gapNs / 2n };
  }
  return best.originNs;
}
