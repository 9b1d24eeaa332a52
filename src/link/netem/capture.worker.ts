import { parentPort, workerData } from 'node:worker_threads';
import type { Flow } from '../flow.ts';
import { Recorder, type RecordedPacket } from '../recorded.ts';
import { FinishedFlows, takeOrders } from '../thread.ts';
import { FlowTable } from '../tun/flow-table.ts';
import { addressNumber, readSegment, type Segment } from '../tun/packet.ts';
import { openPacketSocket, type Seen } from './packet-socket.ts';

/** What the thread is made with. */
export interface CaptureOptions {
  /** It is at the clients' end, and tells packets in place of flows. */
  records: boolean;
}

/** What the thread is told. */
export type CaptureOrder =
  | { kind: 'tap'; device: string }
  | { kind: 'link'; linkId: string; brokerAddress: string; device: string }
  | { kind: 'flush'; id: number; all: boolean };

/** What the thread tells. */
export type CaptureNotice =
  | { kind: 'open' }
  | { kind: 'failed'; message: string }
  | { kind: 'flows'; flows: Flow[] }
  | { kind: 'packets'; packets: RecordedPacket[] }
  | { kind: 'flushed'; id: number };

/** Orders are looked for this often at least, and before each packet: more often would take CPU from what is measured. */
const LOOK_US = 20_000;
const MOST_BYTES = 65_536;

interface Watched {
  /** Where the other end's packets come in. */
  index: number;
  flows: FlowTable;
}

/**
 * The thread behind netem's tap, in the broker's namespace. It is shown each packet as it leaves its sender, before netem:
 * on the device that both ends mirror to, where the clients' come in and the broker's go out. The client's are shown
 * a second time as they come to the broker. Instants are the kernel's own stamps. In the clients' namespace it records: what
 * leaves there goes out on that device, and what comes is shown on the link's own.
 */
class Capture {
  readonly #socket = openPacketSocket();
  /** By the broker's address. */
  readonly #links = new Map<number, Watched>();
  readonly #buffer = new Uint8Array(MOST_BYTES);
  #tap = 0;
  readonly #flows = new FinishedFlows((flows) => post({ kind: 'flows', flows }));
  readonly #recorder: Recorder;

  constructor({ records }: CaptureOptions) {
    this.#recorder = new Recorder(records ? (packets) => post({ kind: 'packets', packets }) : undefined);
  }

  run(): never {
    for (;;) {
      takeOrders((order) => this.#order(order as CaptureOrder));
      this.#readAll();
      this.#flows.tell();
      this.#recorder.tell();
      this.#socket.wait(LOOK_US);
    }
  }

  #readAll(): void {
    for (let seen = this.#socket.read(this.#buffer); seen !== undefined;) {
      const packet = this.#buffer.slice(0, seen.bytes);
      const segment = readSegment(packet);
      if (segment !== undefined) {
        if (this.#recorder.wanted) this.#record(seen, segment, packet);
        else this.#follow(seen, segment, packet);
      }
      seen = this.#socket.read(this.#buffer);
    }
  }

  #follow({ index, outgoing, atUs }: Seen, segment: Segment, packet: Uint8Array): void {
    const to = this.#links.get(segment.destination);
    if (index === this.#tap) {
      const from = outgoing ? 'broker' : 'client';
      const link = from === 'client' ? to : this.#links.get(segment.source);
      link?.flows.segment(from, segment, packet, atUs);
    } else if (!outgoing && index === to?.index) {
      to.flows.arrived(segment, atUs);
    }
  }

  #record({ index, outgoing, atUs }: Seen, segment: Segment, packet: Uint8Array): void {
    const leaves = outgoing && index === this.#tap && this.#links.has(segment.destination);
    const comes = !outgoing && index === this.#links.get(segment.source)?.index;
    if (leaves || comes) this.#recorder.add(leaves ? 'client' : 'broker', packet, atUs);
  }

  #order(order: CaptureOrder): void {
    if (order.kind === 'tap') this.#tap = this.#socket.indexOf(order.device);
    else if (order.kind === 'link') {
      this.#links.set(addressNumber(order.brokerAddress), {
        index: this.#socket.indexOf(order.device),
        flows: new FlowTable(order.linkId, this.#flows.add),
      });
    } else {
      this.#readAll();
      if (order.all) for (const { flows } of this.#links.values()) flows.flush();
      this.#flows.tell(true);
      this.#recorder.tell(true);
      post({ kind: 'flushed', id: order.id });
    }
  }
}

function post(notice: CaptureNotice): void {
  parentPort?.postMessage(notice, []);
}

let capture: Capture;
try {
  capture = new Capture(workerData as CaptureOptions);
  post({ kind: 'open' });
} catch (error) {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
capture.run();
