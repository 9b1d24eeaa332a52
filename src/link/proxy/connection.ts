import { Socket } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import type { Endpoint, Flow } from '../backend.ts';
import { DelayLine } from './delay-line.ts';
import { FlowRecorder } from '../flow-recorder.ts';
import type { Scheduler } from './scheduler.ts';

/** A link with delays alone, and the broker's listener behind it. */
export interface ProxyRoute {
  linkId: string;
  upUs: number;
  downUs: number;
  target: Endpoint;
}

export interface ConnectionOptions {
  route: ProxyRoute;
  scheduler: Scheduler;
  /** Told the lateness of everything that had to wait. */
  onLate: (lateUs: number) => void;
}

/**
 * One client's connection across a link.
 *
 *     client ══ socket ══► up line, shifted until the client heard something ══► socket ══► broker
 *     client ◄══ socket ══ down line ◄══ socket ══ broker
 *
 * The kernel accepts the client before this process sees anything, so the client believes itself connected one round
 * trip too early. Everything that it sends before it has heard from the broker therefore leaves one round trip later
 * than it came: where a real handshake would have put it, the client's own compute included. The broker is dialled
 * when the SYN would have reached it, so that its side needs no correction.
 */
export class Connection {
  /** Settles when both sockets are closed. */
  readonly done: Promise<Flow>;
  readonly #done = Promise.withResolvers<Flow>();
  readonly #options: ConnectionOptions;
  readonly #client: Socket;
  readonly #broker = new Socket({ allowHalfOpen: true, noDelay: true });
  readonly #flow: FlowRecorder;
  readonly #up: DelayLine;
  readonly #down: DelayLine;
  #clientHeard = false;
  #openSockets = 2;

  constructor(client: Socket, options: ConnectionOptions) {
    const { route, scheduler } = options;
    const openedUs = nowUs();
    this.done = this.#done.promise;
    this.#options = options;
    this.#client = client;
    // A client that is gone already has no address any more.
    const from = { host: client.remoteAddress ?? '', port: client.remotePort ?? 0 };
    this.#flow = new FlowRecorder(from, client.localPort ?? 0, route.linkId, openedUs);

    const late = (lateUs: number, waited: boolean): void => {
      this.#flow.late(lateUs);
      if (waited) options.onLate(lateUs);
    };
    const ends = { client, broker: this.#broker };
    this.#up = new DelayLine({
      delayUs: route.upUs,
      scheduler,
      source: ends.client,
      sink: ends.broker,
      onRelease: late,
    });
    this.#down = new DelayLine({
      delayUs: route.downUs,
      scheduler,
      source: ends.broker,
      sink: ends.client,
      onRelease: (lateUs, waited) => {
        this.#clientHeard = true;
        late(lateUs, waited);
      },
    });
    this.#listen('client', client);
    this.#listen('broker', this.#broker);
    this.#dial(openedUs + route.upUs, late);
  }

  /** Closes both ends at once, whatever is under way. */
  destroy(): void {
    this.#client.destroy();
    this.#broker.destroy();
  }

  #dial(dueUs: number, late: (lateUs: number, waited: boolean) => void): void {
    const { route, scheduler } = this.#options;
    scheduler.at(dueUs, {
      release: () => {
        late(nowUs() - dueUs, route.upUs > 0);
        if (!this.#broker.destroyed) this.#broker.connect(route.target);
        return undefined;
      },
    });
  }

  #listen(end: 'client' | 'broker', socket: Socket): void {
    const pass = (parcel: Buffer | 'end' | 'reset'): void => {
      const leavesUs =
        end === 'client' ? this.#up.push(parcel, this.#clientShiftUs()) : this.#down.push(parcel);
      if (typeof parcel === 'string') return;
      this.#flow.chunk(end, leavesUs, parcel.length, nowUs());
      this.#flow.bytes(end, parcel);
    };
    socket.on('data', (bytes: Buffer) => pass(bytes));
    socket.once('end', () => pass('end'));
    // An error is a reset to the other end, whatever its name: refused, reset, broken pipe; 'close' follows it.
    socket.on('error', () => {});
    socket.once('close', (hadError) => {
      if (hadError) pass('reset');
      this.#openSockets -= 1;
      if (this.#openSockets === 0) this.#done.resolve(this.#flow.finish());
    });
  }

  #clientShiftUs(): number {
    const { upUs, downUs } = this.#options.route;
    return this.#clientHeard ? 0 : upUs + downUs;
  }
}
