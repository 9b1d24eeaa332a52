import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds; throws when it still does not after `withinMs`. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain until ${what}`);
    await sleep(10);
  }
}

/** Whether a process runs; one that has ended and waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  if (process.platform === 'linux') return statOf(pid) !== undefined;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Those of some processes that still run. */
export function alive(pids: readonly number[]): number[] {
  return pids.filter(isRunning);
}

/** The processes that a process has started and that still run, with their command lines. */
export async function childrenOf(parent: number): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const children = pids.filter((pid) => statOf(pid)?.parent === parent);
  return Promise.all(children.map(async (pid) => ({ pid, command: await commandOf(pid) })));
}

/** The same of all below it. */
export async function descendantsOf(pid: number): Promise<{ pid: number; command: string }[]> {
  const children = await childrenOf(pid);
  const below = await Promise.all(children.map((child) => descendantsOf(child.pid)));
  return [...children, ...below.flat()];
}

/** Kills what runs a program or module of this name below this process; throws when nothing does. */
export async function killOurs(name: string): Promise<void> {
  const victim = (await descendantsOf(process.pid)).find(({ command }) =>
    command.split(' ').some((word) => basename(word, '.ts') === name),
  );
  if (victim === undefined) throw new Error(`There is no ${name} to kill`);
  process.kill(victim.pid, 'SIGKILL');
}

function statOf(pid: number): { parent: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command's name stands in brackets and may hold anything.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? undefined : { parent: Number(parent) };
}

async function commandOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').join(' ').trim();
  } catch {
    return '';
  }
}
