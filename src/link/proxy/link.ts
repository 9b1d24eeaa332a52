import { nowUs } from '../../measure/clock.ts';
import { Generator } from '../lane/generator.ts';
import type { LinkSpec } from '../spec.ts';
import type { Traffic } from '../backend.ts';
import type { Scheduler } from './scheduler.ts';
import { Wire } from './wire.ts';

/** A link's two directions, each shared by all its connections. */
export interface Link {
  readonly id: string;
  readonly up: Wire;
  readonly down: Wire;
}

/** All links of the process, made when they are first asked for. Two seeds each, as in the TUN delay line. */
export class Links {
  readonly #scheduler: Scheduler;
  readonly #links = new Map<string, Link>();
  #seed = 1;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** What chance follows from, before the first link. */
  seed(seed: number): void {
    this.#seed = seed;
  }

  get({ id, up, down }: LinkSpec): Link {
    const wire = (spec: LinkSpec['up']): Wire => new Wire(spec, new Generator(this.#seed++), this.#scheduler);
    const link = this.#links.get(id) ?? { id, up: wire(up), down: wire(down) };
    this.#links.set(id, link);
    return link;
  }

  /** Hands out what has arrived although nobody waits for it. */
  settle(): void {
    const now = nowUs();
    for (const { up, down } of this.#links.values()) for (const wire of [up, down]) wire.settle(now);
  }

  get traffic(): Record<string, Traffic> {
    return Object.fromEntries(
      [...this.#links.values()].map(({ id, up, down }) => [id, { up: up.traffic, down: down.traffic }]),
    );
  }
}
