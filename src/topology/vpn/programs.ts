import { environmentError } from '../../errors.ts';
import { groupUsage } from '../../process/group-usage.ts';
import { spawnGroup, type Group } from '../../process/spawn-group.ts';

/** One program that goes on until it is killed. */
export interface RunningProgram {
  name: string;
  pid: number;
  /** What it has said so far, the end of it. */
  output(): string;
  isOver(): boolean;
  kill: Group['kill'];
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
    const group = spawnGroup(['setpriv', '--pdeathsig', 'KILL', ...argv], { env });
    const { pid, output, kill } = group;
    if (pid === undefined) throw environmentError(`'setpriv' cannot be started, which starts ${name}`);
    let over = false;
    void group.over.then(({ how }) => {
      over = true;
      this.#onEnd(name, `${how}${output() === '' ? '' : `:\n${output()}`}`);
    });
    const program = { name, pid, output, kill, isOver: () => over };
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
    for (const program of this.#running) if (!program.isOver()) program.kill('SIGKILL');
  }
}
