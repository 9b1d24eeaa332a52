import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ: proc(5) tells times in it, and it is 100 on every architecture that Linux runs Node on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time and peak memory of all processes of a group, as proc(5) tells them; zeros where there is no /proc. Children that
 * have ended and were waited for count with their parents' CPU time.
 */
export async function groupUsage(group: number): Promise<{ cpuSeconds: number; maxRssBytes: number }> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const members = await Promise.all(pids.map((pid) => memberUsage(pid, group)));
  return {
    cpuSeconds: members.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND,
    maxRssBytes: members.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}

async function memberUsage(pid: string, group: number): Promise<{ ticks: number; rssBytes: number }> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may have spaces; the fields after it are counted from `state`, the third.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) !== group) return { ticks: 0, rssBytes: 0 };
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const peak = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0;
    return { ticks, rssBytes: Number(peak) * 1024 };
  } catch {
    // It has ended meanwhile.
    return { ticks: 0, rssBytes: 0 };
  }
}
