/**
 * Whether the window, and not the application, was what held the latest window of data back: one that was not used is
 * not known to fit, and does not grow (Linux: tcp_cwnd_validate, tcp_is_cwnd_limited).
 */
export class WindowUse {
  #limited = false;
  #most = 0;
  #ends = 0;

  /** After sending: `outstanding` segments, up to the sequence number `next`, acknowledged up to another. */
  note(limited: boolean, outstanding: number, acknowledged: number, next: number): void {
    const isNew = acknowledged >= this.#ends || (!this.#limited && outstanding > this.#most);
    if (!isNew && !limited) return;
    this.#limited = limited;
    this.#most = outstanding;
    this.#ends = next;
  }

  /** In slow start half a window in use is enough. */
  mayGrow(window: { segments: number; slowStart: boolean }): boolean {
    return this.#limited || (window.slowStart && window.segments < 2 * this.#most);
  }
}
