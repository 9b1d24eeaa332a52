import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded source of randomness: the same seed gives the same plan on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/** xoroshiro128+ (Blackman and Vigna) from an integer seed. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    next: () => uniformFloat64(generator),
    shuffle: (items) => {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last--) {
        const other = uniformInt(generator, 0, last);
        [result[last], result[other]] = [result[other], result[last]] as [never, never];
      }
      return result;
    },
  };
}
