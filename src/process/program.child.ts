import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { environmentError } from '../errors.ts';
import { groupUsage } from './group-usage.ts';
import { killMarked, markWith } from './marked.ts';
import { accepts, expectFree, freePorts } from './ports.ts';
import { programProtocol, type ProgramEnd } from './program.protocol.ts';
import { serve } from './serve.ts';
import { spawnGroup, type Group } from './spawn-group.ts';

const TRY_EVERY_MS = 20;
/** What a program said last may still be in the pipe when it has ended. */
const LAST_WORDS_MS = 200;

interface Running {
  pid: number;
  group: Group;
  /** Resolves when the program itself has ended, whatever it leaves running. */
  ended: Promise<void>;
  /** Resolves with its end a moment later, when its last words are there too. */
  told: Promise<ProgramEnd>;
  over: boolean;
}

const mark = randomUUID();
let running: Running | undefined;

// A program that knows nothing of the bench would outlive it; its keeper does not let it.
serve(
  programProtocol,
  ({ emit }) => ({
    freePorts: ({ host, count }) => freePorts(host, count),
    checkPorts: async ({ host, ports }) => {
      for (const port of ports) await expectFree({ host, port });
    },
    start: ({ tells, ...how }) =>
      start(how, {
        onEnd: (end) => emit({ kind: 'ended', ...end }),
        ...(tells ? { onOutput: (text) => emit({ kind: 'said', text }) } : {}),
      }),
    waitForPort: ({ host, port, withinMs }) =>
      waitUntil(() => accepts({ host, port }), `accept a connection on port ${port}`, withinMs),
    waitForText: ({ text, withinMs }) =>
      waitUntil(() => Promise.resolve(output().includes(text)), `say '${text}'`, withinMs),
    waitForEnd: ({ withinMs }) => waitForEnd(withinMs),
    programUsage: () =>
      running === undefined ? { cpuSeconds: 0, maxRssBytes: 0, rssBytes: 0 } : groupUsage(running.pid),
    output,
    end: ({ withinMs }) => end(withinMs),
  }),
  killAll,
);

interface Start {
  command: readonly string[];
  env: Record<string, string>;
  folder?: string | undefined;
  ready: readonly { host: string; port: number }[];
  dieWith: readonly string[];
}

interface Listeners {
  onEnd: (end: ProgramEnd) => void;
  onOutput?: (text: string) => void;
}

async function start(
  { command, env, folder, ready, dieWith }: Start,
  { onEnd, onOutput }: Listeners,
): Promise<{ pid: number }> {
  if (running?.over === false) throw new Error('A keeper keeps one program');
  for (const place of ready) await expectFree(place);
  const group = spawnGroup([...dieWith, ...command], {
    env: { ...env, ...markWith(mark) },
    folder,
    onOutput,
  });
  const { pid } = group;
  if (pid === undefined)
    throw environmentError(`'${command[0]}' cannot be started: ${(await group.over).how}`);
  // Not the subprocess's promise, which waits for the pipes too: what the program leaves running may hold them open.
  const exit = new Promise<string>((resolve) => {
    group.process.once('exit', (code, signal) => {
      own.over = true;
      resolve(signal ?? `exit code ${code}`);
    });
  });
  const own: Running = {
    pid,
    group,
    ended: exit.then(() => {}),
    told: exit.then(async (how) => {
      await Promise.race([group.over, sleep(LAST_WORDS_MS)]);
      return { how, output: group.output() };
    }),
    over: false,
  };
  void own.told.then(onEnd);
  running = own;
  return { pid };
}

async function waitUntil(holds: () => Promise<boolean>, what: string, withinMs: number): Promise<void> {
  const giveUp = performance.now() + withinMs;
  while (!isOver() && performance.now() < giveUp) {
    // Who answers on a port may be another, and the program has come to grief on that.
    if ((await holds()) && !isOver()) return;
    await sleep(TRY_EVERY_MS);
  }
  const over = isOver();
  if (over) await sleep(LAST_WORDS_MS);
  const why = over ? 'it ended before' : `not within ${withinMs / 1000} s`;
  throw environmentError(`it did not ${what}: ${why}${said()}`);
}

function isOver(): boolean {
  return running?.over ?? true;
}

async function waitForEnd(withinMs: number): Promise<ProgramEnd> {
  if (running === undefined) throw new Error('There is no program to wait for');
  const late = sleep(withinMs, undefined, { ref: false });
  const end = await Promise.race([running.told, late]);
  if (end === undefined) throw environmentError(`it has not ended within ${withinMs / 1000} s${said()}`);
  return end;
}

async function end(withinMs: number): Promise<void> {
  if (running === undefined) return;
  if (!running.over) {
    const { group, ended } = running;
    group.kill('SIGTERM');
    const kill = setTimeout(() => group.kill('SIGKILL'), withinMs);
    await ended;
    clearTimeout(kill);
  }
  killAll();
}

/** The program and all that it started, also what has left its group. */
function killAll(): void {
  if (running === undefined) return;
  running.group.kill('SIGKILL');
  killMarked(mark);
}

function output(): string {
  return running?.group.output() ?? '';
}

function said(): string {
  const text = output();
  return text === '' ? '' : `:\n${text}`;
}
