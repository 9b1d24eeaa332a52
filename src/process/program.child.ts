import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { environmentError } from '../errors.ts';
import { groupUsage } from './group-usage.ts';
import { killMarked, markWith } from './marked.ts';
import { accepts, expectFree, freePorts } from './ports.ts';
import { programProtocol, type ProgramEnd } from './program.protocol.ts';
import { serve } from './serve.ts';

const OUTPUT_KEPT = 4000;
const TRY_EVERY_MS = 20;
/** What a program said last may still be in the pipe when it has ended. */
const LAST_WORDS_MS = 200;

interface Running {
  pid: number;
  /** Resolves when the program itself has ended, whatever it leaves running. */
  ended: Promise<void>;
  over: boolean;
}

const mark = randomUUID();
let running: Running | undefined;
let output = '';

// A program that knows nothing of the bench would outlive it; its keeper does not let it.
serve(
  programProtocol,
  ({ emit }) => ({
    freePorts: ({ host, count }) => freePorts(host, count),
    start: ({ command, env, folder, ready, dieWith }) =>
      start({ command, env, folder, ready, dieWith }, (end) => emit({ kind: 'ended', ...end })),
    waitForPort: ({ host, port, withinMs }) =>
      waitUntil(() => accepts({ host, port }), `accept a connection on port ${port}`, withinMs),
    waitForText: ({ text, withinMs }) =>
      waitUntil(() => Promise.resolve(output.includes(text)), `say '${text}'`, withinMs),
    programUsage: () => (running === undefined ? { cpuSeconds: 0, maxRssBytes: 0 } : groupUsage(running.pid)),
    output: () => output.trim(),
    end: ({ withinMs }) => end(withinMs),
  }),
  killAll,
);

interface Start {
  command: readonly string[];
  env: Record<string, string>;
  folder: string | undefined;
  ready: readonly { host: string; port: number }[];
  dieWith: readonly string[];
}

async function start(
  { command, env, folder, ready, dieWith }: Start,
  onEnd: (end: ProgramEnd) => void,
): Promise<{ pid: number }> {
  if (running !== undefined) throw new Error('A keeper keeps one program');
  for (const place of ready) await expectFree(place);
  const [file = '', ...args] = [...dieWith, ...command];
  const subprocess = execa(file, args, {
    env: { ...env, ...markWith(mark) },
    ...(folder === undefined ? {} : { cwd: folder }),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    // In a group of its own: what it starts is ended with it.
    detached: true,
  });
  for (const stream of [subprocess.stdout, subprocess.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
    });
  const { pid, nodeChildProcess } = subprocess;
  if (pid === undefined) {
    const { shortMessage } = await subprocess;
    throw environmentError(`'${command[0]}' cannot be started: ${shortMessage}`);
  }
  // Not the subprocess's promise, which waits for the pipes too: what the program leaves running may hold them open.
  const ended = new Promise<void>((resolve) => {
    nodeChildProcess.once('exit', (code, signal) => {
      own.over = true;
      resolve();
      const told = Promise.race([subprocess, sleep(LAST_WORDS_MS)]);
      void told.then(() => onEnd({ how: signal ?? `exit code ${code}`, output: output.trim() }));
    });
  });
  const own: Running = { pid, ended, over: false };
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

async function end(withinMs: number): Promise<void> {
  if (running === undefined) return;
  if (!running.over) {
    killGroup('SIGTERM');
    const kill = setTimeout(() => killGroup('SIGKILL'), withinMs);
    await running.ended;
    clearTimeout(kill);
  }
  killAll();
}

/** The program and all that it started, also what has left its group. */
function killAll(): void {
  if (running === undefined) return;
  killGroup('SIGKILL');
  killMarked(mark);
}

function killGroup(signal: NodeJS.Signals): void {
  if (running === undefined) return;
  try {
    process.kill(-running.pid, signal);
  } catch {
    // The whole group has ended.
  }
}

function said(): string {
  const text = output.trim();
  return text === '' ? '' : `:\n${text}`;
}
