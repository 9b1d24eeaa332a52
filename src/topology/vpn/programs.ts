import { execa } from 'execa';
import { environmentError } from '../../errors.ts';
import { groupUsage } from '../../process/group-usage.ts';

const OUTPUT_KEPT = 2000;

/** One program that goes on until it is killed. */
export interface RunningProgram {
  name: string;
  pid: number;
  /** What it has said so far, the end of it. */
  output(): string;
  isOver(): boolean;
}

/** Programs of one process that end when it does, however it ends: each is killed by the kernel when its parent dies. */
export class Programs {
  readonly #running: RunningProgram[] = [];
  readonly #onEnd: (name: string, how: string) => void;

  constructor(onEnd: (name: string, how: string) => void) {
    this.#onEnd = onEnd;
  }

  /** Starts a program. Throws an environment error (exit code 5) when there is none. */
  start(
    name: string,
    argv: readonly [string, ...string[]],
    env: Record<string, string> = {},
  ): RunningProgram {
    let output = '';
    let over = false;
    const subprocess = execa('setpriv', ['--pdeathsig', 'KILL', ...argv], {
      env,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: false,
      reject: false,
      // In a group of its own, so that Ctrl-C does not end it before what uses it.
      detached: true,
    });
    for (const stream of [subprocess.stdout, subprocess.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-OUTPUT_KEPT);
      });
    const { pid } = subprocess;
    if (pid === undefined) throw environmentError(`'setpriv' cannot be started, which starts ${name}`);
    void subprocess.then(({ signal, exitCode }) => {
      over = true;
      this.#onEnd(name, `${signal ?? `exit code ${exitCode}`}${output === '' ? '' : `:\n${output.trim()}`}`);
    });
    const program = { name, pid, output: () => output, isOver: () => over };
    this.#running.push(program);
    return program;
  }

  async usage(): Promise<{ cpuSeconds: number; maxRssBytes: number }> {
    const all = await Promise.all(this.#running.map(({ pid }) => groupUsage(pid)));
    return {
      cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      maxRssBytes: all.reduce((sum, { maxRssBytes }) => sum + maxRssBytes, 0),
    };
  }

  kill(): void {
    for (const program of this.#running) {
      if (program.isOver()) continue;
      try {
        process.kill(-program.pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
  }
}
