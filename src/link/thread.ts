import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { nowUs } from '../measure/clock.ts';
import type { Flow } from './flow.ts';

/** Flows are told in batches, away from the packets. */
const TELL_US = 20_000;

/** Hands on what a link's thread was told since it last looked; it never returns to an event loop that would. */
export function takeOrders(take: (order: unknown) => void): void {
  if (parentPort === null) return;
  for (let got = receiveMessageOnPort(parentPort); got !== undefined; got = receiveMessageOnPort(parentPort))
    take(got.message);
}

/** Connections that have finished in a thread, until they are told. */
export class FinishedFlows {
  readonly #tell: (flows: Flow[]) => void;
  #flows: Flow[] = [];
  #toldUs = 0;

  constructor(tell: (flows: Flow[]) => void) {
    this.#tell = tell;
  }

  readonly add = (flow: Flow): void => void this.#flows.push(flow);

  /** Tells them when it is time to, or at once. */
  tell(atOnce = false): void {
    const now = nowUs();
    if (this.#flows.length === 0 || (!atOnce && now - this.#toldUs < TELL_US)) return;
    this.#toldUs = now;
    this.#tell(this.#flows);
    this.#flows = [];
  }
}
