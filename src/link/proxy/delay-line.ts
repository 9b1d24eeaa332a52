import type { Socket } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import type { Scheduler, Timed } from './scheduler.ts';

/**
 * What may be under way in one direction of one connection before the sender is held back: 4 MiB, about the largest
 * receive window that Linux grants (net.ipv4.tcp_rmem). It is read again when half of that has left.
 */
const FULL_BYTES = 4 * 1024 * 1024;
/** What a chunk costs beside its payload, so that many tiny chunks are bounded too. */
const CHUNK_OVERHEAD_BYTES = 256;

/** How long a kernel of this machine may take to answer with a reset. */
const ANSWER_MS = 1;
const NO_BYTES = Buffer.alloc(0);

/** What crosses a line: bytes, a FIN (`end`), or a RST (`reset`). */
export type Parcel = Buffer | 'end' | 'reset';

interface Queued {
  parcel: Parcel;
  dueUs: number;
  /** False for what a line without delay passes on at once. */
  waits: boolean;
}

export interface DelayLineOptions {
  delayUs: number;
  scheduler: Scheduler;
  source: Socket;
  sink: Socket;
  /** Told before each release: how late it is, and whether it had to wait at all. */
  onRelease: (lateUs: number, waited: boolean) => void;
}

/**
 * One direction of one connection:
 *
 *     source ── push(parcel) ──► [ FIFO, each parcel with its deadline ] ── release() ──► sink
 *
 * One FIFO with deadlines that never fall keeps bytes, FIN and RST in order. A sink that takes no more bytes blocks
 * the line, a full line pauses its source: the back-pressure of a real connection.
 */
export class DelayLine implements Timed {
  readonly #options: DelayLineOptions;
  readonly #queue: Queued[] = [];
  #queuedBytes = 0;
  #lastDueUs = 0;
  #scheduled = false;
  #sinkOpen: boolean;
  #sinkFull = false;
  /** Since when the sink takes what is due: waiting for the sink is not the line's lateness. */
  #freeSinceUs = 0;
  #sourcePaused = false;
  #looking = false;

  constructor(options: DelayLineOptions) {
    this.#options = options;
    this.#sinkOpen = !options.sink.pending;
    options.sink.once('connect', () => {
      this.#sinkOpen = true;
      this.#unblock();
    });
    options.sink.on('drain', () => {
      this.#sinkFull = false;
      this.#unblock();
    });
    options.sink.once('close', () => this.#drop());
  }

  /**
   * Takes a parcel that arrived now and leaves its sender `shiftUs` later. Returns its departure on the modelled
   * link, in microseconds of the monotonic clock.
   */
  push(parcel: Parcel, shiftUs = 0): number {
    const { delayUs, sink, source } = this.#options;
    const arrivedUs = nowUs();
    const dueUs = Math.max(arrivedUs + shiftUs + delayUs, this.#lastDueUs);
    this.#lastDueUs = dueUs;
    if (!sink.destroyed) {
      this.#queue.push({ parcel, dueUs, waits: dueUs > arrivedUs });
      this.#queuedBytes += weight(parcel);
      if (this.#queuedBytes > FULL_BYTES) {
        this.#sourcePaused = true;
        source.pause();
      }
      this.#schedule();
    }
    return dueUs - delayUs;
  }

  release(): number | undefined {
    this.#scheduled = false;
    for (let next = this.#releasable(); next !== undefined; next = this.#releasable()) {
      const now = nowUs();
      if (next.dueUs > now) {
        this.#scheduled = true;
        break;
      }
      this.#queue.shift();
      this.#queuedBytes -= weight(next.parcel);
      this.#options.onRelease(now - Math.max(next.dueUs, this.#freeSinceUs), next.waits);
      this.#deliver(next.parcel);
    }
    if (this.#queuedBytes < FULL_BYTES / 2) this.#resumeSource();
    return this.#scheduled ? this.#queue[0]?.dueUs : undefined;
  }

  #deliver(parcel: Parcel): void {
    const { sink } = this.#options;
    if (parcel === 'reset') sink.resetAndDestroy();
    else if (parcel === 'end') sink.end();
    else {
      if (!sink.write(parcel)) this.#sinkFull = true;
      if (sink.readableEnded) this.#lookForReset();
    }
  }

  /**
   * A socket that has sent its FIN is not read any more, so the reset with which a closed end answers what is written
   * to it only shows at the next write. An empty one fetches it.
   */
  #lookForReset(): void {
    const { sink } = this.#options;
    if (this.#looking) return;
    this.#looking = true;
    setTimeout(() => {
      this.#looking = false;
      if (sink.writable) sink.write(NO_BYTES);
    }, ANSWER_MS);
  }

  /** What goes next, once it is due; undefined while the sink takes nothing. */
  #releasable(): Queued | undefined {
    return this.#sinkOpen && !this.#sinkFull ? this.#queue[0] : undefined;
  }

  #schedule(): void {
    const next = this.#releasable();
    if (next === undefined || this.#scheduled) return;
    this.#scheduled = true;
    this.#options.scheduler.at(next.dueUs, this);
  }

  #unblock(): void {
    this.#freeSinceUs = nowUs();
    this.#schedule();
  }

  /** Forgets what is under way, and reads on, so that the end of the source is noticed. */
  #drop(): void {
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#resumeSource();
  }

  #resumeSource(): void {
    if (!this.#sourcePaused) return;
    this.#sourcePaused = false;
    this.#options.source.resume();
  }
}

function weight(parcel: Parcel): number {
  return CHUNK_OVERHEAD_BYTES + (typeof parcel === 'string' ? 0 : parcel.length);
}
