import { environmentError } from '../errors.ts';
import { startChild, type Child } from '../process/child.ts';
import { addressesOf, type Ends } from './addresses.ts';
import type { LinkBackend, OpenLink, OpenOptions, Route } from './backend.ts';
import { holderProtocol } from './holder.protocol.ts';
import { besideNamespace, CONGESTION_CONTROL, enterNamespace, newNamespace } from './namespace.ts';
import {
  countCommand,
  devicesOf,
  mirrorCommands,
  namespaceCommands,
  netemCommands,
  pairCommands,
  TAP_DEVICES,
  tapCommands,
  type Command,
} from './netem/commands.ts';
import { countOf } from './netem/count.ts';
import { explain } from './netem/explain.ts';
import { probe } from './netem/probe.ts';
import type { Direction, LinkSpec } from './spec.ts';
import type { Traffic } from './traffic.ts';

/**
 * The kernel's own emulator: a pair of Ethernet devices between two network namespaces, with tc-netem(8) on each
 * egress. Clients and brokers run in a namespace each, so TCP, loss, retransmission and slow start are the machine's own.
 */
export const netemBackend: LinkBackend = {
  name: 'netem',
  reachesElsewhere: false,
  tapped: true,
  records: 'real',
  // Two namespaces with a link between them, and no third.
  abilities: [],
  probe,
  cannot,
  open,
  explain,
};

function cannot({ up, down }: LinkSpec): string[] {
  const hasBoth = ({ jitterMs, rateKbit }: Direction): boolean => jitterMs > 0 && rateKbit !== undefined;
  if (!hasBoth(up) && !hasBoth(down)) return [];
  return [
    'at a rate netem keeps packets in order but draws jitter for each by itself, so that all wait for the slowest and ' +
      'jitter together with a rate limit would raise the mean delay',
  ];
}

type Holder = Child<typeof holderProtocol>;

interface Made {
  index: number;
  link: LinkSpec;
}

async function open(options: OpenOptions): Promise<OpenLink> {
  const { seed = 1, onPackets } = options;
  const holders = await startHolders(options);
  const close = async (): Promise<void> => {
    await holders.broker.call('flush', { all: true }).catch(() => {});
    await Promise.all([holders.client.stop(), holders.broker.stop()]);
  };
  const run = async ({ side, argv }: Command): Promise<string> =>
    (await holders[side].call('run', { argv: [...argv] })).stdout;
  const links = new Map<string, Promise<Made>>();
  let tapped = false;
  /** The ends at which packets are watched. */
  const watching: (keyof Ends<Holder>)[] = onPackets === undefined ? ['broker'] : ['broker', 'client'];

  const make = async (link: LinkSpec, index: number): Promise<Made> => {
    const place = { index, brokerNamespace: String(holders.broker.pid) };
    for (const command of pairCommands(place)) await run(command);
    if (tapped) {
      for (const command of mirrorCommands(index)) await run(command);
      for (const side of watching)
        await holders[side].call('follow', {
          linkId: link.id,
          brokerAddress: addressesOf(index).broker,
          device: devicesOf(index)[side],
        });
    }
    await addNetem(run, link, index, seed);
    return { index, link };
  };
  try {
    await Promise.all([holders.client.call('steady', null), holders.broker.call('steady', null)]);
    for (const command of namespaceCommands()) await run(command);
    tapped = await tap(run, holders, watching);
    if (onPackets !== undefined && !tapped)
      throw environmentError(
        'The kernel does not let the packets of a netem link be recorded: it cannot mirror them to another device',
        'Choose another backend: `--backend tun` or `--backend proxy`.',
      );
  } catch (error) {
    await close();
    throw error;
  }
  return {
    backend: 'netem',
    tcp: `the kernel's, ${CONGESTION_CONTROL}`,
    modelled: [],
    tapped,
    // Any address of the run's own namespace: nothing outside it can reach them.
    brokerHost: '0.0.0.0',
    prefix: {
      client: enterNamespace(holders.client.pid),
      broker: enterNamespace(holders.broker.pid),
    },
    children: [holders.client, holders.broker],
    route: async (link, { port }): Promise<Route> => {
      const made = links.get(link.id) ?? make(link, links.size);
      links.set(link.id, made);
      const { index } = await made;
      return { host: addressesOf(index).broker, port, linkId: link.id, modelledConnectMs: 0 };
    },
    lateness: async () => {
      for (const side of watching) await holders[side].call('flush', { all: false });
      return undefined;
    },
    traffic: async () => {
      const counts = [...links].map(async ([id, made]): Promise<[string, Traffic]> => {
        const { index, link } = await made;
        const [up, down] = await Promise.all([
          run(countCommand('client', index)),
          run(countCommand('broker', index)),
        ]);
        return [id, { up: countOf(up, link.up), down: countOf(down, link.down) }];
      });
      return new Map(await Promise.all(counts));
    },
    close,
  };
}

/** Watches the packets of all links to come; false where this kernel cannot show them as they leave their senders. */
async function tap(
  run: (command: Command) => Promise<string>,
  holders: Ends<Holder>,
  watching: readonly (keyof Ends<Holder>)[],
): Promise<boolean> {
  try {
    for (const command of tapCommands(String(holders.broker.pid))) await run(command);
    for (const side of watching)
      await holders[side].call('watch', { device: TAP_DEVICES[side], records: side === 'client' });
    return true;
  } catch {
    return false;
  }
}

/** The two processes that hold the namespaces. Without root the second lives in the user namespace of the first. */
async function startHolders({ onFlow, onPackets, onCrash }: OpenOptions): Promise<Ends<Holder>> {
  const start = (side: keyof Ends<Holder>, prefix: readonly string[]): Promise<Holder> =>
    startChild(holderProtocol, {
      module: new URL('./holder.child.ts', import.meta.url),
      name: `link netem ${side}`,
      prefix,
      onEvent: (event) => {
        if ('flows' in event) event.flows.forEach((flow) => onFlow(flow));
        else onPackets?.(event.packets);
      },
      onCrash,
    });
  const client = await start('client', newNamespace());
  try {
    return { client, broker: await start('broker', besideNamespace(client.pid)) };
  } catch (error) {
    await client.stop();
    throw error;
  }
}

/** A tc before 6.6 knows no seed: then what is random differs from run to run. */
async function addNetem(
  run: (command: Command) => Promise<string>,
  link: LinkSpec,
  index: number,
  seed: number,
): Promise<void> {
  const unseeded = netemCommands(link, index);
  for (const [n, command] of netemCommands(link, index, seed).entries()) {
    try {
      await run(command);
    } catch (error) {
      const fallback = unseeded[n];
      if (fallback === undefined || !command.argv.includes('seed')) throw error;
      await run(fallback);
    }
  }
}
