/** Segments (RFC 6928). */
export const INITIAL_WINDOW = 10;
/** CUBIC (RFC 9438) with Linux's constants: tcp_cubic.c has β = 717/1024 and C = 410/1024. */
const BETA = 717 / 1024;
const SCALE = 410 / 1024;
/** The window of a Reno sender that falls by β grows by a segment for so many acknowledged windows. */
const RENO_WINDOWS = 15 / 8;
/** Before the first loss CUBIC grows by at least a twentieth of what is acknowledged. */
const LEAST_GROWTH = 20;

/** The congestion window, in segments: slow start (RFC 5681) and CUBIC, as Linux does them. */
export class Window {
  segments = INITIAL_WINDOW;
  threshold = Infinity;
  /** Where the latest epoch of CUBIC began, its plateau, and when it reaches it. */
  #epochUs: number | undefined;
  #plateau = 0;
  #plateauAfterS = 0;
  #largestBefore = 0;
  #reno = 0;
  #renoAcknowledged = 0;
  #acknowledged = 0;
  #kept: { segments: number; threshold: number } | undefined;

  get slowStart(): boolean {
    return this.segments < this.threshold;
  }

  /** So many segments were acknowledged while the window was what held the sender back. */
  grow(acknowledged: number, atUs: number, leastRoundTripUs: number): void {
    let left = acknowledged;
    if (this.slowStart) {
      const opened = Math.min(this.segments + acknowledged, this.threshold);
      left -= opened - this.segments;
      this.segments = opened;
    }
    if (left > 0) this.#avoid(left, atUs, leastRoundTripUs);
  }

  /** A loss was found: the window to come down to. Keeps what was, for {@link undo}. */
  reduce(): number {
    this.#kept = { segments: this.segments, threshold: this.threshold };
    this.#epochUs = undefined;
    this.#largestBefore =
      this.segments < this.#largestBefore ? (this.segments * (1 + BETA)) / 2 : this.segments;
    this.threshold = Math.max(Math.floor(this.segments * BETA), 2);
    return this.threshold;
  }

  /** The loss was none. */
  undo(): void {
    if (this.#kept === undefined) return;
    this.segments = Math.max(this.segments, this.#kept.segments);
    this.threshold = Math.max(this.threshold, this.#kept.threshold);
    this.#kept = undefined;
  }

  /** Nothing was sent for so many timeouts: what the window was is not known to fit any more (RFC 5681 §4.1). */
  rest(timeouts: number): void {
    this.threshold = this.slowStart ? this.threshold : Math.max(this.threshold, 0.75 * this.segments);
    const least = Math.min(INITIAL_WINDOW, this.segments);
    this.segments = Math.max(least, Math.floor(this.segments / 2 ** Math.floor(timeouts)));
    this.#epochUs = undefined;
  }

  #avoid(acknowledged: number, atUs: number, leastRoundTripUs: number): void {
    this.#acknowledged += acknowledged;
    if (this.#epochUs === undefined) this.#startEpoch(atUs, acknowledged);
    const sinceS = (atUs - (this.#epochUs ?? atUs) + leastRoundTripUs) / 1e6;
    const target = this.#plateau + SCALE * (sinceS - this.#plateauAfterS) ** 3;
    let perSegment = target > this.segments ? this.segments / (target - this.segments) : 100 * this.segments;
    if (this.#largestBefore === 0) perSegment = Math.min(perSegment, LEAST_GROWTH);
    this.#renoAcknowledged += acknowledged;
    while (this.#renoAcknowledged > this.segments * RENO_WINDOWS) {
      this.#renoAcknowledged -= this.segments * RENO_WINDOWS;
      this.#reno++;
    }
    if (this.#reno > this.segments) {
      perSegment = Math.min(perSegment, this.segments / (this.#reno - this.segments));
    }
    perSegment = Math.max(perSegment, 2);
    if (this.#acknowledged >= perSegment) {
      const opened = Math.floor(this.#acknowledged / perSegment);
      this.segments += opened;
      this.#acknowledged -= opened * perSegment;
    }
  }

  #startEpoch(atUs: number, acknowledged: number): void {
    this.#epochUs = atUs;
    this.#acknowledged = acknowledged;
    this.#renoAcknowledged = 0;
    this.#reno = this.segments;
    this.#plateau = Math.max(this.#largestBefore, this.segments);
    this.#plateauAfterS = Math.cbrt((this.#plateau - this.segments) / SCALE);
  }
}
