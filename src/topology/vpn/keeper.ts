import { environmentError } from '../../errors.ts';
import type { Namespace } from '../../link/cables.ts';
import { startChild, type Child, type Watched } from '../../process/child.ts';
import { tunnelProtocol } from './tunnel.protocol.ts';

/** The process that keeps one end's tunnels. */
export interface Keeper {
  call: Child<typeof tunnelProtocol>['call'];
  process: Watched;
  stop(): Promise<void>;
}

/** Starts the keeper of an end's tunnels in its namespace. `onCrash` is told once when it or one of its programs ends. */
export async function startKeeper(
  name: string,
  namespace: Namespace,
  onCrash: (error: Error) => void,
): Promise<Keeper> {
  let stopping = false;
  const child = await startChild(tunnelProtocol, {
    module: new URL('./tunnel.child.ts', import.meta.url),
    name,
    prefix: [...namespace.prefix, 'unshare', '--mount', '--'],
    onEvent: (event) => {
      if (!stopping) onCrash(environmentError(`The ${event.name} program of ${name} ended (${event.how})`));
    },
    onCrash,
  });
  return {
    call: (call, params) => child.call(call, params),
    process: {
      name,
      role: child.role,
      pid: child.pid,
      // Packets go through its programs, not through its event loop.
      usage: async () => ({ ...(await child.call('programUsage', null)), stalls: [] }),
      memory: () => child.memory(),
      resetUsage: () => child.resetUsage(),
    },
    stop: async () => {
      stopping = true;
      await child.stop();
    },
  };
}
