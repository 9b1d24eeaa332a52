import { nowUs } from '../../measure/clock.ts';
import { InnerConnection, type InnerTarget } from './inner.ts';

/** More than come while one is being made: at a second behind 5 ms links and full handshakes some 40. */
const SPARES = 4;
/** Brokers close a connection without CONNECT, Aedes after 30 s (OASIS MQTT 3.1.1 §3.1.4 leaves the time to them). */
const OLDEST_US = 15e6;
/** What cannot be made is not tried in a loop. */
const AGAIN_MS = 200;

/** Connections to a broker that stand ready before a client needs them. */
export class Spares {
  readonly #target: InnerTarget;
  readonly #spares = new Set<InnerConnection>();
  readonly #renewal: NodeJS.Timeout;

  constructor(target: InnerTarget) {
    this.#target = target;
    for (let count = 0; count < SPARES; count++) this.#add();
    this.#renewal = setInterval(() => this.#renew(), 1000);
    this.#renewal.unref();
  }

  /** Resolves when all of the first ones stand, or have failed. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#spares].map(({ ready }) => ready));
  }

  /** One that is ready, and has another one made in its place; undefined when none is. */
  take(): InnerConnection | undefined {
    for (const spare of this.#spares) {
      if (!spare.usable) continue;
      this.#spares.delete(spare);
      this.#add();
      return spare;
    }
    return undefined;
  }

  #add(): void {
    const spare = new InnerConnection(this.#target);
    this.#spares.add(spare);
    spare.onClose(() => {
      if (this.#spares.delete(spare)) setTimeout(() => this.#add(), AGAIN_MS).unref();
    });
  }

  #renew(): void {
    for (const spare of this.#spares) {
      if (nowUs() - spare.dialledUs < OLDEST_US) continue;
      this.#spares.delete(spare);
      spare.destroy();
      this.#add();
    }
  }
}
