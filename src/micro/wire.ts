import { Duplex } from 'node:stream';

/**
 * One end of a wire in memory that carries nothing by itself: what the end writes waits in `sent`, and what the other
 * end wrote is handed over by `deliver`, when whoever measures says so.
 */
export class WireEnd extends Duplex {
  readonly #sent: Buffer[] = [];

  /** Takes what was written since the last call; undefined when that is nothing. */
  takeSent(): Buffer | undefined {
    return this.#sent.length === 0 ? undefined : Buffer.concat(this.#sent.splice(0));
  }

  get hasSent(): boolean {
    return this.#sent.length > 0;
  }

  deliver(bytes: Buffer): void {
    this.push(bytes);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#sent.push(chunk);
    done();
  }
}
