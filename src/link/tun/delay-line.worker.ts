import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import FlatQueue from 'flatqueue';
import { nowUs } from '../../measure/clock.ts';
import { newHistogram, recordMs } from '../../measure/histogram.ts';
import type { Flow, ReleaseLateness, Traffic } from '../backend.ts';
import { Generator } from '../lane/generator.ts';
import { Lane } from '../lane/lane.ts';
import type { LinkSpec } from '../spec.ts';
import { openTun } from './device.ts';
import { connectionKey, FlowTable } from './flow-table.ts';
import { addressNumber, readSegment, turnAround, type Segment } from './packet.ts';

/** What the thread is told. */
export type Order =
  | { kind: 'link'; link: LinkSpec; clientAddress: string; brokerAddress: string }
  | { kind: 'listener'; linkId: string; port: number }
  | { kind: 'read'; id: number }
  | { kind: 'flush'; id: number };

/** What the thread tells. */
export type Notice =
  | { kind: 'open' }
  | { kind: 'failed'; message: string }
  | { kind: 'flows'; flows: Flow[] }
  | { kind: 'answer'; id: number; lateness: ReleaseLateness | undefined; traffic: Record<string, Traffic> };

/** Orders are looked for this often at least. */
const LOOK_US = 2000;
/** A sleep ends a little late; the rest of the way is spun. */
const SPIN_US = 60;
const MTU = 1500;
/** Flows are told in batches, away from the packets. */
const TELL_US = 20_000;

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
  link: Link;
  lane: Lane;
  from: 'client' | 'broker';
  segment: Segment;
}

/**
 * The thread behind the TUN delay line. Every packet of the namespace comes in here; it is held for its lane's time,
 * its addresses are swapped, and it goes back to the same kernel as if from the other host.
 */
class DelayLine {
  readonly #device = openTun('mtb0');
  readonly #held = new FlatQueue<Held>();
  /** By the broker's address, which is the destination of every packet before it is turned around. */
  readonly #links = new Map<number, Link>();
  readonly #lateness = newHistogram();
  readonly #buffer = new Uint8Array(MTU);
  #flows: Flow[] = [];
  #toldUs = 0;
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  run(): never {
    for (;;) {
      this.#obey();
      this.#takeIn();
      this.#release();
      this.#tell();
      const untilUs = Math.min(this.#held.peekValue() ?? Infinity, nowUs() + LOOK_US);
      const sleepUs = untilUs - SPIN_US - nowUs();
      if (sleepUs > 0) this.#device.wait(sleepUs);
    }
  }

  #takeIn(): void {
    for (;;) {
      const length = this.#device.read(this.#buffer);
      if (length === 0) return;
      const now = nowUs();
      const packet = this.#buffer.slice(0, length);
      const segment = readSegment(packet);
      const link = segment && this.#links.get(segment.destination);
      // Anything but the connections of the run, such as ICMPv6 router solicitations, ends here.
      if (segment === undefined || link === undefined) continue;
      const from = link.listeners.has(segment.destinationPort) ? 'client' : 'broker';
      link.flows.segment(from, segment, packet, now);
      const lane = from === 'client' ? link.up : link.down;
      const admission = lane.admit(now, length);
      if ('dropped' in admission) continue;
      turnAround(packet);
      const { dueUs, copies } = admission;
      const held: Held = { packet, dueUs, link, lane, from, segment };
      for (let copy = 0; copy < copies; copy++) this.#held.push(held, dueUs);
    }
  }

  #release(): void {
    for (let next = this.#held.peek(); next !== undefined; next = this.#held.peek()) {
      const now = nowUs();
      const lateUs = now - next.dueUs;
      if (lateUs < 0) return;
      this.#held.pop();
      recordMs(this.#lateness, lateUs / 1000);
      const { flows } = next.link;
      flows.late(connectionKey(next.from, next.segment), lateUs);
      if (!this.#device.write(next.packet)) next.lane.traffic.overflowed++;
      else if (next.from === 'client') flows.arrived(next.segment, now);
    }
  }

  #tell(): void {
    const now = nowUs();
    if (this.#flows.length === 0 || now - this.#toldUs < TELL_US) return;
    this.#toldUs = now;
    post({ kind: 'flows', flows: this.#flows });
    this.#flows = [];
  }

  #obey(): void {
    if (parentPort === null) return;
    for (
      let got = receiveMessageOnPort(parentPort);
      got !== undefined;
      got = receiveMessageOnPort(parentPort)
    ) {
      this.#order(got.message as Order);
    }
  }

  #order(order: Order): void {
    if (order.kind === 'link') {
      const { link: spec } = order;
      this.#links.set(addressNumber(order.brokerAddress), {
        spec,
        up: new Lane(spec.up, new Generator(this.#seed++)),
        down: new Lane(spec.down, new Generator(this.#seed++)),
        listeners: new Set(),
        flows: new FlowTable(spec.id, (flow) => this.#flows.push(flow)),
      });
    } else if (order.kind === 'listener') {
      for (const { spec, listeners } of this.#links.values()) {
        if (spec.id === order.linkId) listeners.add(order.port);
      }
    } else {
      if (order.kind === 'flush') for (const { flows } of this.#links.values()) flows.flush();
      this.#toldUs = 0;
      this.#tell();
      post({ kind: 'answer', id: order.id, lateness: this.#summary(), traffic: this.#traffic() });
    }
  }

  #traffic(): Record<string, Traffic> {
    return Object.fromEntries(
      [...this.#links.values()].map(({ spec, up, down }) => [
        spec.id,
        { up: up.traffic, down: down.traffic },
      ]),
    );
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

function post(notice: Notice): void {
  parentPort?.postMessage(notice, []);
}

let line: DelayLine;
try {
  line = new DelayLine((workerData as { seed: number }).seed);
  post({ kind: 'open' });
} catch (error) {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
line.run();
