import { BenchError, messageOf } from '../errors.ts';
import { LoopWatch } from './loop-watch.ts';
import { settledRssBytes } from './memory.ts';
import { watchParent } from './orphan-watch.ts';
import {
  requestSchema,
  type CallName,
  type Event,
  type Params,
  type Protocol,
  type Reply,
  type Request,
  type Result,
  type Usage,
} from './protocol.ts';

export type Handlers<P extends Protocol> = {
  [N in CallName<P>]: (params: Params<P, N>) => Result<P, N> | Promise<Result<P, N>>;
};

export interface Served<P extends Protocol> {
  /** Tells the parent something it did not ask for. */
  emit: (event: Event<P>) => void;
}

/**
 * Makes this process a child that answers the protocol's calls. It ends when its parent's channel closes, however
 * the parent died and however busy this process is (`onOrphaned` cleans up before), and leaves signals that are sent to the whole process group, by
 * Ctrl-C or `timeout`, to the parent, who stops the parts in order.
 */
export function serve<P extends Protocol>(
  protocol: P,
  makeHandlers: (served: Served<P>) => Handlers<P>,
  onOrphaned: () => void = () => {},
): void {
  if (process.send === undefined) {
    process.stderr.write(`The ${protocol.role} process is started by the bench, not by hand.\n`);
    process.exit(2);
  }
  const watch = protocol.isTimed ? new LoopWatch() : undefined;
  const send = (reply: Reply): void => void process.send?.(reply, undefined, {}, () => {});
  const handlers = makeHandlers({ emit: (event) => send({ kind: 'event', event }) });

  const endOrphaned = (): void => {
    onOrphaned();
    process.exit(0);
  };
  process.on('disconnect', endOrphaned);
  // The parent may have died while this module was being loaded: that was told to nobody.
  if (!process.connected) endOrphaned();
  watchParent();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('message', (message) => {
    const request = requestSchema.parse(message);
    answer(protocol, handlers, watch, request).then(
      (result) => send({ kind: 'result', id: request.id, result }),
      (error: unknown) => send({ kind: 'error', id: request.id, error: portable(error) }),
    );
  });
  send({ kind: 'ready' });
}

async function answer<P extends Protocol>(
  protocol: P,
  handlers: Handlers<P>,
  watch: LoopWatch | undefined,
  request: Request,
): Promise<unknown> {
  if (request.call === 'usage') return usage(watch);
  if (request.call === 'memory') return settledRssBytes();
  if (request.call === 'resetUsage') return watch?.reset();
  const call = protocol.calls[request.call];
  if (call === undefined) throw new Error(`The ${protocol.role} process knows no call '${request.call}'`);
  const handler = handlers[request.call as CallName<P>];
  return handler(call.params.parse(request.params) as Params<P, CallName<P>>);
}

function usage(watch: LoopWatch | undefined): Usage {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    stalls: [],
    ...watch?.read(),
  };
}

function portable(error: unknown): Extract<Reply, { kind: 'error' }>['error'] {
  return {
    message: messageOf(error),
    ...(error instanceof BenchError ? { exitCode: error.exitCode } : {}),
    ...(error instanceof BenchError && error.mend !== undefined ? { mend: error.mend } : {}),
    ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}
