import type { Socket } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import { Fifo } from './fifo.ts';
import type { Parcel } from './tcp/segment.ts';

/** How long a kernel of this machine may take to answer with a reset. */
const ANSWER_MS = 1;
const NO_BYTES = Buffer.alloc(0);

/** Hands a socket what came for it, in order, and no faster than it takes it. */
export class Outlet {
  readonly #sink: Socket;
  readonly #onTaken: (bytes: number, atUs: number) => void;
  readonly #held = new Fifo<Parcel>();
  #open: boolean;
  #looking = false;

  /** `onTaken` is told of all bytes that the socket has taken, and when it was given them. */
  constructor(sink: Socket, onTaken: (bytes: number, atUs: number) => void) {
    this.#sink = sink;
    this.#onTaken = onTaken;
    this.#open = !sink.pending;
    sink.once('connect', () => this.#reopen());
    sink.on('drain', () => this.#reopen());
    sink.once('close', () => this.#held.clear());
  }

  put(parcel: Parcel): void {
    if (this.#sink.destroyed) return;
    if (this.#open && this.#held.length === 0) this.#hand(parcel);
    else this.#held.push(parcel);
  }

  #reopen(): void {
    this.#open = true;
    this.#sink.cork();
    while (this.#open) {
      const parcel = this.#held.shift();
      if (parcel === undefined) break;
      this.#hand(parcel);
    }
    this.#sink.uncork();
  }

  #hand(parcel: Parcel): void {
    const sink = this.#sink;
    if (parcel === 'reset') this.#reset();
    else if (parcel === 'end') sink.end();
    else {
      // The kernel may let whom it wakes go first.
      const atUs = nowUs();
      if (!sink.write(parcel)) this.#open = false;
      if (sink.readableEnded) this.#lookForReset();
      this.#onTaken(parcel.length, atUs);
    }
  }

  /** libuv resets no socket whose FIN is just leaving (uv_tcp_close_reset: EINVAL), and Node never closes such a one any more. */
  #reset(): void {
    const sink = this.#sink;
    const isLeaving = sink.writableEnded && sink.writableLength === 0 && !sink.writableFinished;
    if (isLeaving) sink.once('finish', () => sink.resetAndDestroy());
    else sink.resetAndDestroy();
  }

  /**
   * A socket that has sent its FIN is not read any more, so the reset with which a closed end answers what is written
   * to it only shows at the next write. An empty one fetches it.
   */
  #lookForReset(): void {
    if (this.#looking) return;
    this.#looking = true;
    setTimeout(() => {
      this.#looking = false;
      if (this.#sink.writable) this.#sink.write(NO_BYTES);
    }, ANSWER_MS);
  }
}
