import { readdirSync, readFileSync } from 'node:fs';

/** The variable that a program and all that it starts carry, whichever process group or session they go to. */
const MARK = 'MQTT_TLS_BENCH_PROGRAM';

/** How often the look-out for what was being started meanwhile is repeated. */
const LOOKS = 5;

/** What a program's environment must have so that {@link killMarked} finds what it leaves. */
export function markWith(id: string): Record<string, string> {
  return { [MARK]: id };
}

/**
 * Kills (SIGKILL) every process that carries the mark, as proc(5) tells them: daemons too, which have left the group of
 * the program that started them. Where there is no /proc it does nothing.
 */
export function killMarked(id: string): void {
  for (let looks = 0; looks < LOOKS; looks++) {
    const pids = markedProcesses(id);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

function markedProcesses(id: string): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isMarked(pid, id));
}

function isMarked(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${MARK}=${id}`);
  } catch {
    // It has ended, or is someone else's.
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
