import { parentPort } from 'node:worker_threads';
import type { Flow } from '../flow.ts';
import { FinishedFlows, takeOrders } from '../thread.ts';
import { FlowTable } from '../tun/flow-table.ts';
import { addressNumber, readSegment } from '../tun/packet.ts';
import { openPacketSocket } from './packet-socket.ts';

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
  | { kind: 'flushed'; id: number };

/** Orders are looked for this often at least. */
const LOOK_US = 2000;
const MOST_BYTES = 65_536;

interface Watched {
  /** Where the client's packets come in. */
  index: number;
  flows: FlowTable;
}

/**
 * The thread behind netem's tap, in the broker's namespace. It is shown each packet as it leaves its sender, before netem:
 * on the device that both ends mirror to, where the clients' come in and the broker's go out. The client's are shown
 * a second time as they come to the broker. Instants are the kernel's own stamps.
 */
class Capture {
  readonly #socket = openPacketSocket();
  /** By the broker's address. */
  readonly #links = new Map<number, Watched>();
  readonly #buffer = new Uint8Array(MOST_BYTES);
  #tap = 0;
  readonly #flows = new FinishedFlows((flows) => post({ kind: 'flows', flows }));

  run(): never {
    for (;;) {
      takeOrders((order) => this.#order(order as CaptureOrder));
      this.#readAll();
      this.#flows.tell();
      this.#socket.wait(LOOK_US);
    }
  }

  #readAll(): void {
    for (let seen = this.#socket.read(this.#buffer); seen !== undefined;) {
      const { atUs } = seen;
      const packet = this.#buffer.slice(0, seen.bytes);
      const segment = readSegment(packet);
      if (segment !== undefined) {
        const to = this.#links.get(segment.destination);
        if (seen.index === this.#tap) {
          const from = seen.outgoing ? 'broker' : 'client';
          const link = from === 'client' ? to : this.#links.get(segment.source);
          link?.flows.segment(from, segment, packet, atUs);
        } else if (!seen.outgoing && seen.index === to?.index) {
          to.flows.arrived(segment, atUs);
        }
      }
      seen = this.#socket.read(this.#buffer);
    }
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
      post({ kind: 'flushed', id: order.id });
    }
  }
}

function post(notice: CaptureNotice): void {
  parentPort?.postMessage(notice, []);
}

let capture: Capture;
try {
  capture = new Capture();
  post({ kind: 'open' });
} catch (error) {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}
capture.run();
