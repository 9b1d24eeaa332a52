import type { Storm } from './schema.ts';

/** A single thread that is busy for so much of its time is a queue. */
const BUSY_SHARE = 0.85;
/** So is one that comes to its events so late, whoever has the core meanwhile. */
const LATE_MS = 50;

/** Whether it was a client process that could do no more, so that the times are its own as much as the broker's. */
export function isGeneratorBusy({ cpuShare, loopDelayP99Ms = 0 }: Storm['generator']): boolean {
  return cpuShare >= BUSY_SHARE || loopDelayP99Ms >= LATE_MS;
}
