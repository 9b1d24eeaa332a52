import type { ChildProcess } from 'node:child_process';
import { execa } from 'execa';

const OUTPUT_KEPT = 4000;

/** A program in a process group of its own, with what it starts. */
export interface Group {
  /** Undefined where it could not be started; `over` then tells why. */
  pid: number | undefined;
  process: ChildProcess;
  /** Resolves when it has ended and its output is at an end, which what it leaves running may put off. */
  over: Promise<{ how: string }>;
  /** The end of what it said, on standard output and standard error. */
  output: () => string;
  /** Sends a signal to the whole group, as far as it is still there. */
  kill: (signal: NodeJS.Signals) => void;
}

/**
 * Starts a program apart from the bench's own group, so that Ctrl-C does not end it before what uses it, and all that it
 * starts can be ended with it.
 */
export function spawnGroup(
  [file = '', ...args]: readonly string[],
  {
    env,
    folder,
    onOutput,
  }: {
    env: Record<string, string>;
    folder?: string | undefined;
    /** Told all that it says, as it comes. */
    onOutput?: ((text: string) => void) | undefined;
  },
): Group {
  let output = '';
  const subprocess = execa(file, args, {
    env,
    ...(folder === undefined ? {} : { cwd: folder }),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: true,
  });
  for (const stream of [subprocess.stdout, subprocess.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT);
      onOutput?.(text);
    });
  const { pid, nodeChildProcess } = subprocess;
  return {
    pid,
    process: nodeChildProcess,
    over: subprocess.then(({ signal, exitCode, shortMessage }) => ({
      how: signal ?? (exitCode === undefined ? (shortMessage ?? '') : `exit code ${exitCode}`),
    })),
    output: () => output.trim(),
    kill: (signal) => {
      try {
        if (pid !== undefined) process.kill(-pid, signal);
      } catch {
        // The whole group has ended.
      }
    },
  };
}
