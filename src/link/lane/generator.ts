import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

const SETTLING = 16;

/** A seeded source of chance: the same seed makes the same link. */
export class Generator {
  readonly #random: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#random = xoroshiro128plus(seed);
    // Small seeds leave most bits of the state alike, and the first numbers near 1.
    for (let n = 0; n < SETTLING; n++) this.uniform();
  }

  /** A number of [0, 1). */
  uniform(): number {
    return uniformFloat64(this.#random);
  }

  /** True with a probability. */
  happens(probability: number): boolean {
    return probability > 0 && this.uniform() < probability;
  }

  /** A normal number with mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}
