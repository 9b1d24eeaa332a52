import { BenchError, environmentError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { startChild, type Watched } from './child.ts';
import { programProtocol } from './program.protocol.ts';

export interface ProgramOptions {
  /** Its name in messages and in the results. */
  name: string;
  /** Command that it is started under, such as one that enters a network namespace. */
  prefix: readonly string[];
  /** Told once when the program ends without having been stopped, after {@link Program.start} has answered. */
  onCrash?: (error: BenchError) => void;
}

/** How a program is started, and when it is ready. */
export interface ProgramStart {
  /** The program and its arguments. */
  command: readonly string[];
  /** Variables beside those of the bench itself. */
  env?: Record<string, string>;
  /** Its working directory. */
  folder?: string;
  /** It is ready when it accepts connections here. */
  ready: readonly { host: string; port: number }[];
  withinMs?: number;
}

/** A program that is not the bench's own, and that ends when the bench does, however the bench ends. */
export interface Program extends Watched {
  /** Ports of a host that are free where the program will run. */
  freePorts(host: string, count: number): Promise<number[]>;
  /**
   * Throws a BenchError (exit code 5) when the program could not listen on one of these ports. A port that somebody else
   * listens on would make the program look ready before it has begun.
   */
  checkPorts(host: string, ports: readonly number[]): Promise<void>;
  /** Starts it and waits until it is ready. Throws a BenchError (exit code 5) with what it said when it is not. */
  start(how: ProgramStart): Promise<void>;
  /** What it said last. */
  output(): Promise<string>;
  /** SIGTERM, and SIGKILL after two seconds, to it and all that it started. */
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 2000;

/** Opens the keeper of a program: a small process of the bench's own, in which the program's ports are found and that ends it. */
export async function openProgram({ name, prefix, onCrash }: ProgramOptions): Promise<Program> {
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  const keeper = await startChild(programProtocol, {
    module: new URL('./program.child.ts', import.meta.url),
    name,
    prefix,
    onEvent: ({ how, output }) => {
      if (state !== 'ready') return;
      const said = output === '' ? '' : `:\n${output}`;
      onCrash?.(new BenchError(EXIT.internal, `The ${name} program ended (${how})${said}`));
    },
    onCrash: (error) => onCrash?.(error),
  });
  return {
    name,
    role: keeper.role,
    pid: keeper.pid,
    freePorts: (host, count) => keeper.call('freePorts', { host, count }),
    checkPorts: (host, ports) => keeper.call('checkPorts', { host, ports: [...ports] }),
    start: async ({ command, env = {}, folder, ready, withinMs = READY_WITHIN_MS }) => {
      try {
        await keeper.call('start', {
          command: [...command],
          env,
          ...(folder === undefined ? {} : { folder }),
        });
        for (const { host, port } of ready) await keeper.call('waitForPort', { host, port, withinMs });
        state = 'ready';
      } catch (error) {
        if (!(error instanceof BenchError)) throw error;
        throw environmentError(`The ${name} program does not get ready: ${error.message}`, error.mend);
      }
    },
    output: () => keeper.call('output', null),
    // A program tells nothing of its event loop, if it has one.
    usage: async () => ({ ...(await keeper.call('programUsage', null)), stalls: [] }),
    resetUsage: () => keeper.resetUsage(),
    stop: async () => {
      state = 'stopping';
      await keeper.call('end', { withinMs: END_WITHIN_MS }).catch(() => {});
      await keeper.stop();
    },
  };
}
