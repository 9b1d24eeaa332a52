import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { BenchError, environmentError, messageOf } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { OWN_RUNTIME, runtimeNamed, type RuntimeName } from '../runtimes/index.ts';
import { locateRuntime } from '../runtimes/locate.ts';
import {
  memorySchema,
  replySchema,
  usageSchema,
  type CallName,
  type Event,
  type Params,
  type Protocol,
  type Reply,
  type Result,
  type Usage,
} from './protocol.ts';
import { searchPath } from './tools.ts';

export interface ChildOptions<P extends Protocol> {
  /** The module to run: `new URL('./x.child.ts', import.meta.url)`; its extension follows the caller's own. */
  module: URL;
  /** A name that tells several children of one role apart in messages; the role when absent. */
  name?: string;
  /** Command that the child is started under, such as one that enters a network namespace. */
  prefix?: readonly string[];
  /** What it runs on, by its name in `runtimes/`; this process's own Node when absent. */
  runtime?: RuntimeName | undefined;
  /** Options of the runtime for the child, before its module. */
  nodeOptions?: readonly string[];
  /** In a session of its own, so that what kills the runner's process group does not kill it. */
  detached?: boolean;
  /** How long it may take until it is ready; then it is killed. 120 s when absent. */
  readyWithinMs?: number;
  onEvent?: (event: Event<P>) => void;
  /** Told once when the child ends without having been stopped. */
  onCrash?: (error: BenchError) => void;
}

/** A child process that answers typed calls; made by {@link startChild}. */
export interface Child<P extends Protocol> {
  readonly name: string;
  readonly role: string;
  readonly pid: number;
  call<N extends CallName<P>>(name: N, params: Params<P, N>): Promise<Result<P, N>>;
  /** CPU, memory and event-loop delay, as the child says itself. */
  usage(): Promise<Usage>;
  /** Resident memory now, in bytes, without garbage where it can be collected. */
  memory(): Promise<number>;
  /** Forgets the event-loop delays of start-up. */
  resetUsage(): Promise<void>;
  /** Ends the child: closes its channel, then SIGKILL after two seconds. Never throws; a second call waits for the first. */
  stop(): Promise<void>;
}

/** A child whose calls are nobody's business here: who it is and what it uses. */
export type Watched = Pick<Child<Protocol>, 'name' | 'role' | 'pid' | 'usage' | 'memory' | 'resetUsage'>;

/** An emulated processor takes half a minute to load a broker. */
const READY_WITHIN_MS = 120_000;
const KILL_AFTER_MS = 2000;
const STDERR_KEPT = 4000;

/**
 * Starts a child process and waits until it is ready. Throws a {@link BenchError} with the end of its standard error
 * when it dies before, or is not ready in time; there is no process then, nor where its runtime is missing (exit code 5).
 * Calls in flight are rejected when the child ends.
 */
export async function startChild<P extends Protocol>(
  protocol: P,
  options: ChildOptions<P>,
): Promise<Child<P>> {
  const name = options.name ?? protocol.role;
  const runtime = runtimeNamed(options.runtime ?? OWN_RUNTIME);
  const located = await locateRuntime(runtime);
  if ('lack' in located) throw environmentError(`The ${name} process cannot be started: ${located.lack}`);
  const { prefix = [], nodeOptions = [] } = options;
  const program = [located.file, ...runtime.args, ...nodeOptions, modulePath(options.module)];
  const [command = located.file, ...args] = [...prefix, ...program];
  const subprocess = execa(command, args, {
    ipc: true,
    serialization: runtime.serialization,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: options.detached ?? false,
    env: {
      ...located.env,
      // What it starts by name may be a daemon's program, which `toolLack` finds too.
      PATH: searchPath(),
      // The caller's own could change the TLS under test.
      NODE_OPTIONS: '',
      BUN_OPTIONS: '',
      NODE_TLS_REJECT_UNAUTHORIZED: undefined,
    },
  });
  let stderr = '';
  const node = subprocess.nodeChildProcess;
  subprocess.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });

  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const ready = Promise.withResolvers<void>();
  let nextId = 1;
  let stopping = false;

  const receive = (reply: Reply): void => {
    if (reply.kind === 'ready') return ready.resolve();
    if (reply.kind === 'event') return options.onEvent?.(protocol.events.parse(reply.event) as Event<P>);
    const call = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.kind === 'result') return call?.resolve(reply.result);
    return call?.reject(asError(name, reply.error));
  };
  let protocolError: unknown;
  node.on('message', (message) => {
    try {
      receive(replySchema.parse(message));
    } catch (error) {
      protocolError ??= error;
      subprocess.kill('SIGKILL');
    }
  });

  const { readyWithinMs = READY_WITHIN_MS } = options;
  let tooLate = false;
  const timeLimit = setTimeout(() => {
    tooLate = true;
    subprocess.kill('SIGKILL');
  }, readyWithinMs);

  let endedBy: BenchError | undefined;
  const ended = subprocess.then((result) => {
    clearTimeout(timeLimit);
    const how =
      protocolError !== undefined
        ? `it broke its protocol: ${messageOf(protocolError)}`
        : tooLate
          ? `it was not ready within ${readyWithinMs} ms`
          : (result.signal ??
            (result.exitCode === undefined ? result.shortMessage : `exit code ${result.exitCode}`));
    const error = new BenchError(EXIT.internal, `The ${name} process ended (${how})${tail(stderr)}`, {
      cause: protocolError,
    });
    endedBy = error;
    ready.reject(error);
    for (const call of pending.values()) call.reject(error);
    pending.clear();
    if (!stopping) options.onCrash?.(error);
  });

  const call = async (callName: string, params: unknown): Promise<unknown> => {
    // A channel may stay open a moment longer than its process; nobody would answer.
    if (endedBy !== undefined) throw endedBy;
    const id = nextId++;
    const answer = Promise.withResolvers<unknown>();
    pending.set(id, answer);
    try {
      await subprocess.sendMessage({ id, call: callName, params: params as never });
    } catch (cause) {
      pending.delete(id);
      throw new BenchError(EXIT.internal, `The ${name} process cannot be reached${tail(stderr)}`, { cause });
    }
    return answer.promise;
  };

  await ready.promise;
  clearTimeout(timeLimit);
  return {
    name,
    role: protocol.role,
    pid: subprocess.pid ?? 0,
    call: async (callName, params) => {
      const result = await call(callName, params);
      return protocol.calls[callName]?.result.parse(result) as never;
    },
    usage: async () => usageSchema.parse(await call('usage', null)),
    memory: async () => memorySchema.parse(await call('memory', null)),
    resetUsage: async () => void (await call('resetUsage', null)),
    stop: async () => {
      stopping = true;
      if (node.connected) node.disconnect();
      const kill = setTimeout(() => subprocess.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** In a build the modules are `.js` where the source says `.ts`. */
function modulePath(module: URL): string {
  const path = fileURLToPath(module);
  return import.meta.url.endsWith('.js') ? path.replace(/\.ts$/, '.js') : path;
}

function asError(name: string, error: Extract<Reply, { kind: 'error' }>['error']): Error {
  if (error.exitCode === undefined)
    return new Error(`In the ${name} process: ${error.stack ?? error.message}`);
  return new BenchError(
    error.exitCode as ExitCode,
    error.message,
    error.mend === undefined ? {} : { mend: error.mend },
  );
}

function tail(stderr: string): string {
  const text = stderr.trim();
  return text === '' ? '' : `:\n${text}`;
}
