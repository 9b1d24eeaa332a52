/** Proportional rate reduction with the slow start's bound (RFC 6937 §3): how a window comes down over one round trip. */
export class Reduction {
  readonly #from: number;
  #delivered = 0;
  #sent = 0;

  /** `from` is the window at the loss, in segments. */
  constructor(from = 0) {
    this.#from = from;
  }

  sent(): void {
    this.#sent++;
  }

  /**
   * The window after an acknowledgement of so many segments. `better`: it moved the front and told of no further loss.
   */
  windowAfter(delivered: number, inFlight: number, threshold: number, better: boolean): number {
    this.#delivered += delivered;
    const room = threshold - inFlight;
    const more =
      room < 0
        ? Math.ceil((this.#delivered * threshold) / this.#from) - this.#sent
        : Math.min(room, Math.max(this.#delivered - this.#sent, delivered) + (better ? 1 : 0));
    // The first lost segment is sent again in any case.
    return inFlight + Math.max(more, this.#sent > 0 ? 0 : 1);
  }
}
