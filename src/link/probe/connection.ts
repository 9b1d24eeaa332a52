import { connect, type Socket } from 'node:net';
import { nowUs } from '../../measure/clock.ts';
import type { Endpoint } from '../flow.ts';
import type { Ping, Train } from './protocol.ts';
import {
  encode,
  PING,
  Reader,
  SEGMENT_BYTES,
  train,
  TRAIN_DOWN,
  TRAIN_UP,
  type Arrival,
  type Message,
} from './wire.ts';

/** What a probe may wait for. */
type Awaited = { message: Message; atUs: number };

/**
 * The client's end of a probe's connection: one question at a time. Every wait rejects when its patience ends or the
 * connection does.
 */
export class ProbeConnection {
  readonly #endpoint: Endpoint;
  readonly #patienceMs: number;
  readonly #reader = new Reader();
  #socket: Socket | undefined;
  #receive: ((answer: Awaited) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #failure: Error | undefined;
  #sequence = 0;

  constructor({ host, port }: Endpoint, patienceMs: number) {
    this.#endpoint = { host, port };
    this.#patienceMs = patienceMs;
  }

  /** Connects and pings. Microseconds from the connect, at the client and until the responder held the first byte. */
  async open(): Promise<{ connectUs: number; firstByteUs: number }> {
    const startUs = nowUs();
    const socket = connect({ ...this.#endpoint, noDelay: true });
    this.#socket = socket;
    socket.on('error', (error) => this.#fail(error));
    socket.once('close', () => this.#fail(new Error('the connection was closed while it was probed')));
    socket.on('data', (bytes: Buffer) => {
      const atUs = nowUs();
      this.#reader.take(bytes, atUs, (message) => this.#receive?.({ message, atUs }));
    });
    const connectUs = await this.#answered<number>((resolve) => {
      socket.once('connect', () => resolve(nowUs() - startUs));
    });
    const { sentUs, upUs } = await this.ping();
    return { connectUs, firstByteUs: sentUs + upUs - startUs };
  }

  /** Sends a ping and waits for its answer. */
  async ping(): Promise<Ping> {
    const sentUs = nowUs();
    const { message, atUs } = await this.#ask(encode([PING, ++this.#sequence, sentUs]));
    const [, arrivedUs, answeredUs] = message;
    return { sentUs, upUs: arrivedUs - sentUs, downUs: atUs - answeredUs };
  }

  /** Sends whole segments back to back; how they arrived, as the responder tells. */
  async trainUp(segments: number): Promise<Train | undefined> {
    const { message } = await this.#ask(train(segments, [TRAIN_UP, segments, 0]));
    const [bytes, firstUs, lastUs] = message;
    return duration({ bytes, firstUs, lastUs });
  }

  /** Has whole segments sent back to back; how they arrived. */
  async trainDown(segments: number): Promise<Train | undefined> {
    return duration(
      await this.#answered<Arrival>((resolve) => {
        this.#reader.expectTrain(segments * SEGMENT_BYTES, resolve);
        this.#socket?.write(encode([TRAIN_DOWN, segments, 0]));
      }),
    );
  }

  close(): void {
    this.#socket?.destroy();
  }

  #ask(bytes: Buffer): Promise<Awaited> {
    return this.#answered<Awaited>((resolve) => {
      this.#receive = resolve;
      this.#socket?.write(bytes);
    });
  }

  /** Waits for what `start` resolves with. */
  async #answered<T>(start: (resolve: (value: T) => void) => void): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const late = setTimeout(
      () => reject(new Error(`no answer within ${this.#patienceMs} ms`)),
      this.#patienceMs,
    );
    this.#reject = reject;
    start(resolve);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#reject?.(error);
  }
}

/** Undefined for a train that arrived as one chunk: its rate is too high to be seen. */
function duration({ bytes, firstUs, lastUs }: Arrival): Train | undefined {
  return bytes === 0 || lastUs <= firstUs ? undefined : { bytes, us: lastUs - firstUs };
}
