/** RFC 6298 §2.1, and Linux's TCP_RTO_MIN and TCP_RTO_MAX. */
const INITIAL_TIMEOUT_US = 1e6;
const LEAST_VARIANCE_US = 200_000;
export const LONGEST_TIMEOUT_US = 120e6;

/**
 * The retransmission timeout as Linux computes it (tcp_rtt_estimator, tcp_set_rto): RFC 6298 with the variance, not
 * the timeout, bounded below by 200 ms, so that the timeout is never less than the round trip and 200 ms; a fall of
 * the round trip counts an eighth; the variance falls once a round trip.
 */
export class RoundTrip {
  smoothedUs = 0;
  leastUs = Infinity;
  /** Four times the mean deviation, its maximum of this round, and what the timeout has of it. */
  #deviationUs = 0;
  #largestUs = LEAST_VARIANCE_US;
  #varianceUs = LEAST_VARIANCE_US;
  #roundEnds = 0;

  /** Takes a sample; `acknowledged` and `sent` are the sequence numbers up to which data was. */
  sample(tookUs: number, acknowledged: number, sent: number): void {
    this.leastUs = Math.min(this.leastUs, tookUs);
    if (this.smoothedUs === 0) {
      this.smoothedUs = tookUs;
      this.#deviationUs = 2 * tookUs;
      this.#largestUs = Math.max(this.#deviationUs, LEAST_VARIANCE_US);
      this.#varianceUs = this.#largestUs;
      this.#roundEnds = sent;
      return;
    }
    const error = tookUs - this.smoothedUs;
    this.smoothedUs += error / 8;
    let change = Math.abs(error) - this.#deviationUs / 4;
    if (error < 0 && change > 0) change /= 8;
    this.#deviationUs += change;
    if (this.#deviationUs > this.#largestUs) {
      this.#largestUs = this.#deviationUs;
      this.#varianceUs = Math.max(this.#varianceUs, this.#largestUs);
    }
    if (acknowledged <= this.#roundEnds) return;
    if (this.#largestUs < this.#varianceUs) this.#varianceUs -= (this.#varianceUs - this.#largestUs) / 4;
    this.#roundEnds = sent;
    this.#largestUs = LEAST_VARIANCE_US;
  }

  get timeoutUs(): number {
    if (this.smoothedUs === 0) return INITIAL_TIMEOUT_US;
    return Math.min(this.smoothedUs + this.#varianceUs, LONGEST_TIMEOUT_US);
  }
}
