import { parentPort, workerData } from 'node:worker_threads';
import FlatQueue from 'flatqueue';
import { nowUs } from '../../measure/clock.ts';
import { newHistogram, recordMs } from '../../measure/histogram.ts';
import { messageOf } from '../../errors.ts';
import type { DirectionTraffic, Flow, ReleaseLateness, Traffic } from '../backend.ts';
import { Generator } from '../lane/generator.ts';
import { Lane } from '../lane/lane.ts';
import { Recorder, type RecordedPacket } from '../recorded.ts';
import type { LinkSpec } from '../spec.ts';
import { FinishedFlows, takeOrders } from '../thread.ts';
import { Cable, type CableOrder } from './cable.ts';
import { openTun, sleeperOn, type TunDevice } from './device.ts';
import { connectionKey, FlowTable } from './flow-table.ts';
import { addressNumber, readSegment, turnAround, type Segment } from './packet.ts';

/** What the thread is made with. */
export interface LineOptions {
  seed: number;
  /** Whether packets are told. */
  records: boolean;
}

/** What the thread is told. */
export type Order =
  | { kind: 'link'; link: LinkSpec; clientAddress: string; brokerAddress: string }
  | { kind: 'listener'; linkId: string; port: number }
  | ({ kind: 'cable'; id: number } & CableOrder)
  | { kind: 'read'; id: number }
  | { kind: 'flush'; id: number };

/** What the thread tells. */
export type Notice =
  | { kind: 'open' }
  | { kind: 'failed'; message: string }
  | { kind: 'flows'; flows: Flow[] }
  | { kind: 'packets'; packets: RecordedPacket[] }
  /** A cable is there, or could not be made. */
  | { kind: 'laid'; id: number; problem: string | undefined }
  | { kind: 'answer'; id: number; lateness: ReleaseLateness | undefined; traffic: Record<string, Traffic> };

/** Orders are looked for this often at least. */
const LOOK_US = 2000;
/** A sleep ends a little late; the rest of the way is spun. */
const SPIN_US = 60;
const MTU = 1500;

interface Link {
  spec: LinkSpec;
  up: Lane;
  down: Lane;
  listeners: Set<number>;
  flows: FlowTable;
}

interface Held {
  packet: Uint8Array;
  dueUs: number;
  lane: Lane;
  to: TunDevice;
  flows: FlowTable | undefined;
  key: number;
  /** Of a client's packet, what it holds. */
  segment: Segment | undefined;
  /** Whether it comes out at the clients' end of a link that is no cable. */
  toClient?: boolean;
}

/**
 * The thread behind the TUN delay line. Every packet of the namespace comes in here; it is held for its lane's time,
 * its addresses are swapped, and it goes back to the same kernel as if from the other host. Packets on a cable come out
 * of a device of another namespace instead, as they are.
 */
class DelayLine {
  readonly #device = openTun('mtb0');
  readonly #cables: Cable[] = [];
  /** All that packets may come out of, and the cable that each is an end of. */
  readonly #devices = new Map<TunDevice, Cable | undefined>([[this.#device, undefined]]);
  #sleep = sleeperOn([this.#device]);
  readonly #held = new FlatQueue<Held>();
  /** By the broker's address, which is the destination of every packet before it is turned around. */
  readonly #links = new Map<number, Link>();
  readonly #lateness = newHistogram();
  readonly #buffer = new Uint8Array(MTU);
  readonly #flows = new FinishedFlows((flows) => post({ kind: 'flows', flows }));
  readonly #recorder: Recorder;
  #seed: number;

  constructor({ seed, records }: LineOptions) {
    this.#seed = seed;
    this.#recorder = new Recorder(records ? (packets) => post({ kind: 'packets', packets }) : undefined);
  }

  run(): never {
    for (;;) {
      takeOrders((order) => this.#order(order as Order));
      for (const [device, cable] of this.#devices) this.#takeIn(device, cable);
      this.#release();
      this.#flows.tell();
      this.#recorder.tell();
      const untilUs = Math.min(this.#held.peekValue() ?? Infinity, nowUs() + LOOK_US);
      const sleepUs = untilUs - SPIN_US - nowUs();
      if (sleepUs > 0) this.#sleep(sleepUs);
    }
  }

  #takeIn(device: TunDevice, cable: Cable | undefined): void {
    for (;;) {
      const length = device.read(this.#buffer);
      if (length === undefined) this.#forget(device);
      if (length === undefined || length === 0) return;
      const now = nowUs();
      const packet = this.#buffer.slice(0, length);
      const taken = cable === undefined ? this.#take(packet, now) : cable.take(device, packet, now);
      if (taken === undefined) continue;
      const admission = taken.lane.admit(now, length);
      if ('dropped' in admission) continue;
      if (cable === undefined) turnAround(packet);
      const { dueUs, copies } = admission;
      const held: Held = { packet, dueUs, ...taken };
      for (let copy = 0; copy < copies; copy++) this.#held.push(held, dueUs);
    }
  }

  /** A packet that is to come back to this namespace. */
  #take(packet: Uint8Array, nowUs: number): Omit<Held, 'packet' | 'dueUs'> | undefined {
    const segment = readSegment(packet);
    const link = segment && this.#links.get(segment.destination);
    // Anything but the connections of the run, such as ICMPv6 router solicitations, ends here.
    if (segment === undefined || link === undefined) return undefined;
    const from = link.listeners.has(segment.destinationPort) ? 'client' : 'broker';
    link.flows.segment(from, segment, packet, nowUs);
    if (from === 'client') this.#recorder.add(from, packet, nowUs);
    const lane = from === 'client' ? link.up : link.down;
    return {
      lane,
      to: this.#device,
      flows: link.flows,
      key: connectionKey(from, segment),
      segment: from === 'client' ? segment : undefined,
      toClient: from === 'broker',
    };
  }

  /** A device went with its namespace: it could always be read, and would say nothing. */
  #forget(device: TunDevice): void {
    this.#devices.delete(device);
    this.#sleep = sleeperOn([...this.#devices.keys()]);
  }

  #release(): void {
    for (let next = this.#held.peek(); next !== undefined; next = this.#held.peek()) {
      const now = nowUs();
      const lateUs = now - next.dueUs;
      if (lateUs < 0) return;
      this.#held.pop();
      recordMs(this.#lateness, lateUs / 1000);
      next.flows?.late(next.key, lateUs);
      // Turned around it is what the client gets; a packet on a cable is no business of the clients' end.
      if (next.toClient) this.#recorder.add('broker', next.packet, now);
      if (!next.to.write(next.packet)) next.lane.traffic.overflowed++;
      else if (next.segment !== undefined) next.flows?.arrived(next.segment, now);
    }
  }

  #order(order: Order): void {
    if (order.kind === 'link') {
      const { link: spec } = order;
      this.#links.set(addressNumber(order.brokerAddress), {
        spec,
        up: new Lane(spec.up, this.#random()),
        down: new Lane(spec.down, this.#random()),
        listeners: new Set(),
        // Turned around, a client's packets come from the address that it dialled.
        flows: new FlowTable(spec.id, (flow) =>
          this.#flows.add({
            ...flow,
            seenAs: { host: order.brokerAddress, port: flow.client.port, dialledPort: flow.dialledPort },
          }),
        ),
      });
    } else if (order.kind === 'listener') {
      for (const { spec, listeners } of this.#links.values()) {
        if (spec.id === order.linkId) listeners.add(order.port);
      }
    } else if (order.kind === 'cable') {
      post({ kind: 'laid', id: order.id, problem: this.#lay(order) });
    } else {
      if (order.kind === 'flush') {
        for (const { flows } of this.#links.values()) flows.flush();
        for (const cable of this.#cables) cable.flush();
      }
      this.#flows.tell(true);
      this.#recorder.tell(true);
      post({ kind: 'answer', id: order.id, lateness: this.#summary(), traffic: this.#traffic() });
    }
  }

  #lay(order: CableOrder): string | undefined {
    try {
      const cable = new Cable(order, () => this.#random(), this.#flows.add);
      this.#cables.push(cable);
      for (const device of [cable.client, cable.broker]) this.#devices.set(device, cable);
      this.#sleep = sleeperOn([...this.#devices.keys()]);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  #random(): Generator {
    return new Generator(this.#seed++);
  }

  /** A link may be there more than once: as it is, and as cables. */
  #traffic(): Record<string, Traffic> {
    const all: Record<string, Traffic> = {};
    for (const { spec, up, down } of [...this.#links.values(), ...this.#cables]) {
      const before = all[spec.id];
      all[spec.id] = { up: sum(up.traffic, before?.up), down: sum(down.traffic, before?.down) };
    }
    return all;
  }

  #summary(): ReleaseLateness | undefined {
    if (this.#lateness.totalCount === 0) return undefined;
    return {
      released: this.#lateness.totalCount,
      p50Ms: this.#lateness.getValueAtPercentile(50) / 1000,
      p99Ms: this.#lateness.getValueAtPercentile(99) / 1000,
      maxMs: this.#lateness.maxValue / 1000,
    };
  }
}

function sum(one: DirectionTraffic, other: DirectionTraffic | undefined): DirectionTraffic {
  return {
    packets: one.packets + (other?.packets ?? 0),
    lost: one.lost + (other?.lost ?? 0),
    overflowed: one.overflowed + (other?.overflowed ?? 0),
  };
}

function post(notice: Notice): void {
  parentPort?.postMessage(notice, []);
}

let line: DelayLine;
try {
  line = new DelayLine(workerData as LineOptions);
  post({ kind: 'open' });
} catch (error) {
  post({ kind: 'failed', message: messageOf(error) });
  process.exit(1);
}
line.run();
