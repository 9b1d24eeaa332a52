import { startChild, type Child } from '../../process/child.ts';
import { addressesOf, networkOf, type Ends } from '../addresses.ts';
import type { Cable, CableEnd, Cables, Namespace, OpenNamespace, Tap } from '../cables.ts';
import { holderProtocol } from '../holder.protocol.ts';
import { besideNamespace, enterNamespace } from '../namespace.ts';
import type { LinkSpec } from '../spec.ts';
import type { tunProtocol } from './protocol.ts';

/** Cables of the TUN delay line whose process is `line`; `close` ends the namespaces that are still open. */
export function tunCables(line: Child<typeof tunProtocol>): Cables & { close(): Promise<void> } {
  const open = new Set<OpenNamespace>();
  const clients: Namespace = {
    name: 'clients',
    pid: line.pid,
    prefix: enterNamespace(line.pid),
    run: async (argv, input) => (await line.call('run', command(argv, input))).stdout,
  };

  const namespace: Cables['namespace'] = async (name, onCrash) => {
    const holder = await startChild(holderProtocol, {
      module: new URL('../holder.child.ts', import.meta.url),
      name: `namespace ${name}`,
      prefix: besideNamespace(line.pid),
      onCrash,
    });
    const made: OpenNamespace = {
      name,
      pid: holder.pid,
      prefix: enterNamespace(holder.pid),
      // It only stands there: a stall of its event loop delays nobody.
      process: { ...holder, usage: async () => ({ ...(await holder.usage()), stalls: [] }) },
      run: async (argv, input) => (await holder.call('run', command(argv, input))).stdout,
      forward: () => holder.call('forward', null),
      close: async () => {
        open.delete(made);
        await holder.stop();
      },
    };
    open.add(made);
    await holder.call('steady', null);
    await made.run(['ip', 'link', 'set', 'dev', 'lo', 'up']);
    return made;
  };

  const lay = async (link: LinkSpec, between: Ends<Namespace>, { tap }: { tap: Tap }): Promise<Cable> => {
    const { client, broker } = between;
    const { index, ...devices } = await line.call('lay', {
      link,
      tap,
      client: client.pid,
      broker: broker.pid,
    });
    const addresses = addressesOf(index);
    const end = (side: keyof Ends<unknown>): CableEnd => ({
      namespace: between[side],
      device: devices[side],
      address: addresses[side],
    });
    await bringUp(end('client'), addresses.broker);
    await bringUp(end('broker'), addresses.client);
    return {
      link,
      client: end('client'),
      broker: end('broker'),
      further: (number) => `${networkOf(index)}.${number}`,
    };
  };

  return {
    clients,
    namespace,
    lay,
    close: async () => void (await Promise.all([...open].map((namespace) => namespace.close()))),
  };
}

async function bringUp({ namespace, device, address }: CableEnd, peer: string): Promise<void> {
  await namespace.run(['ip', 'link', 'set', 'dev', device, 'mtu', '1500', 'txqueuelen', '10000', 'up']);
  await namespace.run(['ip', 'addr', 'add', address, 'peer', peer, 'dev', device]);
}

function command(
  [first, ...rest]: readonly [string, ...string[]],
  input: string | undefined,
): { argv: [string, ...string[]]; input?: string } {
  return { argv: [first, ...rest], ...(input === undefined ? {} : { input }) };
}
