import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ: proc(5) tells times in it, and it is 100 on every architecture that Linux runs Node on. */
const TICKS_PER_SECOND = 100;

/** What the processes of a group used, and what they hold now. */
export interface GroupUsage {
  cpuSeconds: number;
  maxRssBytes: number;
  rssBytes: number;
}

/**
 * CPU time, peak and present memory of all processes of a group, as proc(5) tells them; zeros where there is no /proc. Children that
 * have ended and were waited for count with their parents' CPU time.
 */
export async function groupUsage(group: number): Promise<GroupUsage> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const members = await Promise.all(pids.map((pid) => memberUsage(pid, group)));
  return {
    cpuSeconds: members.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND,
    maxRssBytes: members.reduce((sum, { peakBytes }) => sum + peakBytes, 0),
    rssBytes: members.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

async function memberUsage(
  pid: string,
  group: number,
): Promise<{ ticks: number; peakBytes: number; rssBytes: number }> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may have spaces; the fields after it are counted from `state`, the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) !== group) return NOTHING;
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return { ticks, peakBytes: bytesIn(status, 'VmHWM'), rssBytes: bytesIn(status, 'VmRSS') };
  } catch {
    // It has ended meanwhile.
    return NOTHING;
  }
}

const NOTHING = { ticks: 0, peakBytes: 0, rssBytes: 0 };

function bytesIn(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
}
