import { startChild, type Child } from '../process/child.ts';
import type { Event } from '../process/protocol.ts';
import type { RenewableChild } from '../process/renewable.ts';
import type { RuntimeName } from '../runtimes/index.ts';
import { workerProtocol } from './worker.protocol.ts';

export type Worker = Child<typeof workerProtocol>;
export type RenewableWorker = RenewableChild<typeof workerProtocol>;
export type WorkerEvent = Event<typeof workerProtocol>;

export interface WorkerOptions {
  /** `publishers-1`, `subscribers`, … */
  name: string;
  prefix: readonly string[];
  /** What its clients are measured on; the bench's own Node when absent. */
  runtime?: RuntimeName;
  onEvent: (event: WorkerEvent) => void;
  onCrash: (error: Error) => void;
}

/** Starts a swarm process. */
export function startWorker(options: WorkerOptions): Promise<Worker> {
  return startChild(workerProtocol, { ...options, module: new URL('./worker.child.ts', import.meta.url) });
}
