/** Segments (RFC 6928). */
export const INITIAL_WINDOW = 10;
const LEAST_THRESHOLD = 2;

/**
 * The congestion window, in segments: slow start and Reno's congestion avoidance (RFC 5681), as Linux does them
 * (tcp_cong.c). Reno is what the TUN delay line pins in its namespace; up to the first loss CUBIC is the same.
 */
export class Window {
  segments = INITIAL_WINDOW;
  threshold = Infinity;
  /** Segments that were acknowledged since congestion avoidance last opened the window by one. */
  #acknowledged = 0;
  #before: { segments: number; threshold: number } | undefined;

  get slowStart(): boolean {
    return this.segments < this.threshold;
  }

  /** So many segments were acknowledged while the window was what held the sender back. */
  grow(acknowledged: number): void {
    let left = acknowledged;
    if (this.slowStart) {
      const opened = Math.min(this.segments + acknowledged, this.threshold);
      left -= opened - this.segments;
      this.segments = opened;
    }
    this.#acknowledged += left;
    const opened = Math.floor(this.#acknowledged / this.segments);
    this.#acknowledged -= opened * this.segments;
    this.segments += opened;
  }

  /** A loss was found: answers the window to come down to, and keeps what was, for {@link undo}. */
  reduce(): number {
    this.#before = { segments: this.segments, threshold: this.threshold };
    this.#acknowledged = 0;
    this.threshold = Math.max(Math.floor(this.segments / 2), LEAST_THRESHOLD);
    return this.threshold;
  }

  /** The loss was none. */
  undo(): void {
    if (this.#before === undefined) return;
    this.segments = Math.max(this.segments, this.#before.segments);
    this.threshold = Math.max(this.threshold, this.#before.threshold);
    this.#before = undefined;
  }

  /** Nothing was sent for so many timeouts: the window is not known to fit any more (RFC 5681 §4.1, RFC 2861). */
  rest(timeouts: number): void {
    if (!this.slowStart) this.threshold = Math.max(this.threshold, Math.floor(0.75 * this.segments));
    const least = Math.min(INITIAL_WINDOW, this.segments);
    this.segments = Math.max(least, Math.floor(this.segments / 2 ** Math.floor(timeouts)));
  }
}
