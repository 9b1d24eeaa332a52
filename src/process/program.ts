import { BenchError, environmentError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { nowUs } from '../measure/clock.ts';
import { startChild, type Watched } from './child.ts';
import { programProtocol, type ProgramEnd } from './program.protocol.ts';
import type { Usage } from './protocol.ts';
import { NOTHING_SPENT, withPast, type Renewal, type Spent } from './renewable.ts';
import { locateTool } from './tools.ts';

export interface ProgramOptions {
  /** Its name in messages and in the results. */
  name: string;
  /** Command that it is started under, such as one that enters a network namespace. */
  prefix: readonly string[];
  /** Told once when the program ends without having been stopped, after {@link Program.start} has answered. */
  onCrash?: (error: BenchError) => void;
  /** Told all that it says, line by line, on either stream. */
  onLine?: (line: string) => void;
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
  /** And it has said this: some listen before they know whether they can serve. */
  says?: string;
  withinMs?: number;
}

/** How a program is started that does its work and ends. */
export interface ProgramRun extends Pick<ProgramStart, 'command' | 'env'> {
  folder: string;
  withinMs: number;
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
  /**
   * Starts it and waits until it is ready; once only. Throws a BenchError (exit code 5) with what it said when it is
   * not, {@link ProgramEndedError} when that is because it has ended.
   */
  start(how: ProgramStart): Promise<void>;
  /**
   * Starts one that does its work and ends, in place of {@link start}, and answers with its end, whatever that is. Throws
   * a BenchError (exit code 5) with what it said when it has not ended in time, or cannot be started.
   */
  run(how: ProgramRun): Promise<ProgramEnd>;
  /** Ends it as {@link stop} does, and starts it again. Throws like {@link start}. What it used until then stays counted. */
  restart(how: ProgramStart): Promise<Renewal>;
  /** What it said last. */
  output(): Promise<string>;
  /** SIGTERM, and SIGKILL after two seconds, to it; then SIGKILL to all that it started. */
  stop(): Promise<void>;
}

/** A program that ended before it was ready: it does not take its settings, or misses something (exit code 5). */
export class ProgramEndedError extends BenchError {
  /** What it said last. */
  readonly output: string;

  constructor(name: string, { how, output }: ProgramEnd) {
    super(EXIT.environment, `The ${name} program ended before it was ready (${how})${quoted(output)}`);
    this.output = output;
  }
}

const READY_WITHIN_MS = 30_000;
const END_WITHIN_MS = 2000;

/**
 * Opens the keeper of a program: a small process of the bench's own, in which the program's ports are found and that
 * ends it. It has a session of its own, so that what kills the runner's process group leaves it the time to do so.
 */
export async function openProgram({ name, prefix, onCrash, onLine }: ProgramOptions): Promise<Program> {
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  let ended: ProgramEnd | undefined;
  // Of programs that were replaced: ends that are told when their successors run already, and what they used.
  let ordered = 0;
  let past: Spent = NOTHING_SPENT;
  const lines = onLine && byLines(onLine);
  const keeper = await startChild(programProtocol, {
    module: new URL('./program.child.ts', import.meta.url),
    name,
    prefix,
    detached: true,
    onEvent: (event) => {
      if (event.kind === 'said') {
        lines?.(event.text);
        return;
      }
      const { how, output } = event;
      if (ordered > 0) {
        ordered--;
        return;
      }
      ended = { how, output };
      if (state !== 'ready') return;
      // Not the bench's own defect: the environment's part is gone.
      onCrash?.(environmentError(`The ${name} program ended (${how})${quoted(output)}`));
    },
    onCrash: (error) => onCrash?.(error),
  });
  const usage = async (): Promise<Usage> => {
    const { cpuSeconds, maxRssBytes } = await keeper.call('programUsage', null);
    // A program tells nothing of its event loop, if it has one.
    return withPast(past, { cpuSeconds, maxRssBytes, stalls: [] });
  };
  const start: Program['start'] = async ({
    command,
    env = {},
    folder,
    ready,
    says,
    withinMs = READY_WITHIN_MS,
  }) => {
    try {
      await keeper.call('start', {
        command: [...command],
        env,
        ...(folder === undefined ? {} : { folder }),
        ready: [...ready],
        dieWith: await dieWithParent(),
        tells: lines !== undefined,
      });
      for (const { host, port } of ready) await keeper.call('waitForPort', { host, port, withinMs });
      if (says !== undefined) await keeper.call('waitForText', { text: says, withinMs });
    } catch (error) {
      if (ended !== undefined) throw new ProgramEndedError(name, ended);
      if (!(error instanceof BenchError)) throw error;
      throw environmentError(`The ${name} program is not ready: ${error.message}`, error.mend);
    }
    if (ended !== undefined) throw new ProgramEndedError(name, ended);
    state = 'ready';
  };
  return {
    name,
    role: keeper.role,
    pid: keeper.pid,
    freePorts: (host, count) => keeper.call('freePorts', { host, count }),
    checkPorts: (host, ports) => keeper.call('checkPorts', { host, ports: [...ports] }),
    start,
    run: async ({ command, env = {}, folder, withinMs }) => {
      const dieWith = await dieWithParent();
      await keeper.call('start', { command: [...command], env, folder, ready: [], dieWith, tells: false });
      return keeper.call('waitForEnd', { withinMs });
    },
    restart: async (how) => {
      past = await usage();
      state = 'stopping';
      if (ended === undefined) ordered++;
      const endedUs = nowUs();
      await keeper.call('end', { withinMs: END_WITHIN_MS });
      ended = undefined;
      state = 'starting';
      await start(how);
      return { endedUs, readyUs: nowUs() };
    },
    output: () => keeper.call('output', null),
    usage,
    memory: async () => (await keeper.call('programUsage', null)).rssBytes,
    resetUsage: () => keeper.resetUsage(),
    stop: async () => {
      state = 'stopping';
      await keeper.call('end', { withinMs: END_WITHIN_MS }).catch(() => {});
      await keeper.stop();
    },
  };
}

/** PR_SET_PDEATHSIG (prctl(2)), which Node cannot ask for: for a keeper that is itself killed with SIGKILL. */
async function dieWithParent(): Promise<string[]> {
  const setpriv = await locateTool('setpriv');
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
}

/** Hands on whole lines of a text that comes in parts. */
function byLines(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}

function quoted(output: string): string {
  return output === '' ? '' : `:\n${output}`;
}
