import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { environmentError } from '../../errors.ts';
import type { Flow } from '../flow.ts';
import type { RecordedPacket } from '../recorded.ts';
import type { CaptureNotice, CaptureOptions, CaptureOrder } from './capture.worker.ts';

/** The thread that watches the packets of this process's network namespace. */
export class CaptureThread {
  readonly #worker: Worker;
  readonly #open = Promise.withResolvers<void>();
  readonly #flushes = new Map<number, () => void>();
  #nextId = 1;

  /** `records`: it is at the clients' end, and tells packets in place of flows. */
  constructor(
    records: boolean,
    on: { onFlows: (flows: Flow[]) => void; onPackets: (packets: RecordedPacket[]) => void },
  ) {
    const workerData: CaptureOptions = { records };
    const module = new URL(`./capture.worker${extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(module, { workerData });
    this.#worker.on('error', (error) => this.#open.reject(error));
    this.#worker.on('message', (notice: CaptureNotice) => {
      if (notice.kind === 'open') this.#open.resolve();
      else if (notice.kind === 'failed')
        this.#open.reject(environmentError(`The packets of the link cannot be watched: ${notice.message}`));
      else if (notice.kind === 'flows') on.onFlows(notice.flows);
      else if (notice.kind === 'packets') on.onPackets(notice.packets);
      else {
        this.#flushes.get(notice.id)?.();
        this.#flushes.delete(notice.id);
      }
    });
  }

  /** Settles when it watches; rejects with a BenchError (exit code 5) when the kernel does not let it. */
  get open(): Promise<void> {
    return this.#open.promise;
  }

  order(order: Exclude<CaptureOrder, { kind: 'flush' }>): void {
    this.#worker.postMessage(order, []);
  }

  /** Has it tell what has finished, or all there is. */
  flush(all: boolean): Promise<void> {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      this.#flushes.set(id, resolve);
      this.#worker.postMessage({ kind: 'flush', id, all } satisfies CaptureOrder, []);
    });
  }
}
