/** What of a stream has arrived without a hole, from pieces that come lost, late, twice or out of order. */
export class InOrder {
  #end = 0;
  /** Pieces behind a hole. */
  #early: { from: number; to: number }[] = [];

  /** A piece of the stream is there; answers up to which byte all is. */
  take(from: number, to: number): number {
    if (from > this.#end) {
      this.#early.push({ from, to });
      return this.#end;
    }
    this.#end = Math.max(this.#end, to);
    // Each one that the hole's closing joins may join further ones.
    for (let next = this.#joining(); next !== undefined; next = this.#joining())
      this.#end = Math.max(this.#end, next.to);
    return this.#end;
  }

  #joining(): { from: number; to: number } | undefined {
    const next = this.#early.findIndex((piece) => piece.from <= this.#end);
    return next < 0 ? undefined : this.#early.splice(next, 1)[0];
  }
}
