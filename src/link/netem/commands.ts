import { addressesOf, type Ends } from '../addresses.ts';
import type { LinkSpec } from '../spec.ts';
import { netemOptions } from './options.ts';

/** A command, to be run in the network namespace of one side. */
export interface Command {
  side: 'client' | 'broker';
  argv: readonly [string, ...string[]];
}

/** What tells one link's devices and addresses from another's. */
export interface Place {
  /** The number of links before this one. */
  index: number;
  /** How `ip` is to name the broker's namespace: by the pid of a process in it, or by its name. */
  brokerNamespace: string;
}

/** The device at each end; it is called after the direction that leaves through it. */
export function devicesOf(index: number): Ends<string> {
  return { client: `up${index}`, broker: `down${index}` };
}

/** What both namespaces need before the first link. */
export function namespaceCommands(): Command[] {
  return onBothSides(() => 'ip link set dev lo up');
}

/**
 * One veth pair with an end in each namespace, in the order in which it must be made. Nothing but the connections'
 * own packets crosses it: neighbours are permanent, since ARP would be delayed too. Packets stay single ones of 1500
 * bytes: with segmentation offload netem would count, lose and time a whole window as one.
 */
export function pairCommands({ index, brokerNamespace }: Place): Command[] {
  const ip = addressesOf(index);
  const device = devicesOf(index);
  const mac = { client: macOf(ip.client), broker: macOf(ip.broker) };
  return [
    {
      side: 'client',
      argv: words(
        `ip link add ${device.client} address ${mac.client} type veth ` +
          `peer name ${device.broker} address ${mac.broker} netns ${brokerNamespace}`,
      ),
    },
    ...onBothSides((here) => `ip link set dev ${device[here]} mtu 1500 gso_max_segs 1 up`),
    ...onBothSides((here, there) => `ip addr add ${ip[here]} peer ${ip[there]} dev ${device[here]}`),
    ...onBothSides(
      (here, there) => `ip neigh add ${ip[there]} lladdr ${mac[there]} nud permanent dev ${device[here]}`,
    ),
  ];
}

/** What makes the pair the link: netem on each egress. */
export function netemCommands(link: LinkSpec, index: number, seed?: number): Command[] {
  const device = devicesOf(index);
  const ways = { client: link.up, broker: link.down };
  return onBothSides((here) => {
    const own = seed === undefined ? undefined : seed + 2 * index + (here === 'client' ? 0 : 1);
    return ['tc qdisc add dev', device[here], 'root netem', ...netemOptions(ways[here], own)].join(' ');
  });
}

/** All that makes one link. */
export function linkCommands(link: LinkSpec, place: Place, seed?: number): Command[] {
  return [...pairCommands(place), ...netemCommands(link, place.index, seed)];
}

/** Where packets are shown as they leave their senders: a pair of its own, that nobody has an address on. */
export const TAP_DEVICES: Ends<string> = { client: 'tap-up', broker: 'tap-down' };

/** What makes the pair that packets are mirrored to, and tries whether they can be. */
export function tapCommands(brokerNamespace: string): Command[] {
  const { client, broker } = TAP_DEVICES;
  return [
    {
      side: 'client',
      argv: words(`ip link add ${client} type veth peer name ${broker} netns ${brokerNamespace}`),
    },
    ...onBothSides((here) => `ip link set dev ${TAP_DEVICES[here]} mtu 1500 up`),
    { side: 'broker', argv: words(`tc qdisc add dev ${broker} clsact`) },
    { side: 'broker', argv: words(`${mirror(broker, 'ingress')} lo`) },
    { side: 'broker', argv: words(`tc qdisc del dev ${broker} clsact`) },
  ];
}

/**
 * Mirrors what leaves through both ends of a link before netem has it: tc-netem(8) is a queueing discipline, and a packet
 * socket is shown what has left that. The far end of the tap has no address and none of the packets its own, so that
 * they end there.
 */
export function mirrorCommands(index: number): Command[] {
  const device = devicesOf(index);
  return [
    ...onBothSides((here) => `tc qdisc add dev ${device[here]} clsact`),
    ...onBothSides((here) => `${mirror(device[here], 'egress')} ${TAP_DEVICES[here]}`),
  ];
}

function mirror(device: string, way: 'egress' | 'ingress'): string {
  return `tc filter add dev ${device} ${way} protocol ip u32 match u32 0 0 action mirred egress mirror dev`;
}

/** The command that counts what left through a device. */
export function countCommand(side: Command['side'], index: number): Command {
  return { side, argv: words(`tc -s -j qdisc show dev ${devicesOf(index)[side]}`) };
}

type Side = Command['side'];

function onBothSides(text: (here: Side, there: Side) => string): Command[] {
  return [
    { side: 'client', argv: words(text('client', 'broker')) },
    { side: 'broker', argv: words(text('broker', 'client')) },
  ];
}

/** No argument of these commands has a space in it. */
function words(text: string): Command['argv'] {
  return text.split(' ') as [string, ...string[]];
}

/** A locally administered address that shows the IPv4 address in it. */
function macOf(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '00', ...bytes].join(':');
}
