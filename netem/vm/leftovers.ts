import { readdir, readFile, readlink } from 'node:fs/promises';
import { demand } from './harness.ts';

/** How many netem qdiscs there are in this machine, in whatever namespace: each holds a reference to the module. */
export async function netemCount(): Promise<number> {
  const modules = await readFile('/proc/modules', 'utf8');
  const count = /^sch_netem \d+ (\d+)/m.exec(modules)?.[1];
  if (count === undefined) throw new Error('sch_netem is not loaded as a module, so nothing can be counted');
  return Number(count);
}

/** The network namespaces that a process lives in, beside the machine's own. */
export async function namespaces(): Promise<string[]> {
  const own = await readlink('/proc/1/ns/net');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => own)));
  return [...new Set(all)].filter((namespace) => namespace !== own);
}

/** Node processes other than this one. */
export async function nodeProcesses(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const names = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return names.filter((name) => name.includes(process.execPath)).length;
}

/** Waits until nothing of a run is left: no process, no namespace, no qdisc. Namespaces are taken down in the background. */
export async function nothingLeft(withinMs = 30_000): Promise<string> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const [qdiscs, left, processes] = await Promise.all([netemCount(), namespaces(), nodeProcesses()]);
    const text = `${processes} processes, ${left.length} namespaces, ${qdiscs} netem qdiscs left`;
    if (qdiscs + left.length + processes === 0) return text;
    demand(performance.now() < deadline, text);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
