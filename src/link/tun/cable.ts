import type { Flow } from '../backend.ts';
import type { Generator } from '../lane/generator.ts';
import { Lane } from '../lane/lane.ts';
import type { LinkSpec } from '../spec.ts';
import { openTun, type TunDevice } from './device.ts';
import { connectionKey, FlowTable } from './flow-table.ts';
import type { Tap } from '../cables.ts';
import { readSegment, type Segment } from './packet.ts';

/** What makes a cable. */
export interface CableOrder {
  link: LinkSpec;
  /** Whether its connections are told as flows. */
  tap: Tap;
  /** The names of its two devices, at the end of the clients and at that of the brokers. */
  client: string;
  broker: string;
}

/** A packet that one end of a cable has sent, and where it is to come out. */
export interface OnCable {
  lane: Lane;
  to: TunDevice;
  /** Those that its connection is told in. */
  flows: FlowTable | undefined;
  key: number;
  /** Of a client's packet, what it holds. */
  segment: Segment | undefined;
}

const IPV4 = 4;

/** Two tun devices, which may stand in two network namespaces, with a link in between: packets cross it as they are. */
export class Cable {
  readonly spec: LinkSpec;
  readonly up: Lane;
  readonly down: Lane;
  readonly client: TunDevice;
  readonly broker: TunDevice;
  readonly #flows: FlowTable | undefined;

  constructor(order: CableOrder, random: () => Generator, onFlow: (flow: Flow) => void) {
    const { link, tap, client, broker } = order;
    this.spec = link;
    this.up = new Lane(link.up, random());
    this.down = new Lane(link.down, random());
    this.client = openTun(client);
    this.broker = openTun(broker);
    this.#flows =
      tap === 'none'
        ? undefined
        : new FlowTable(link.id, tap === 'near' ? onFlow : (flow) => onFlow({ ...flow, far: true }));
  }

  /** A packet has come out of a device of the cable; undefined when it is none that a link would carry. */
  take(from: TunDevice, packet: Uint8Array, nowUs: number): OnCable | undefined {
    // What IPv6 says to its neighbours by itself is no part of a measurement.
    if ((packet[0] ?? 0) >> 4 !== IPV4) return undefined;
    const way =
      from === this.client
        ? { from: 'client' as const, lane: this.up, to: this.broker }
        : { from: 'broker' as const, lane: this.down, to: this.client };
    const segment = this.#flows && readSegment(packet);
    if (segment !== undefined) this.#flows?.segment(way.from, segment, packet, nowUs);
    const key = segment === undefined ? 0 : connectionKey(way.from, segment);
    return {
      lane: way.lane,
      to: way.to,
      flows: segment && this.#flows,
      key,
      segment: way.from === 'client' ? segment : undefined,
    };
  }

  /** Tells what is still open as it is. */
  flush(): void {
    this.#flows?.flush();
  }
}
