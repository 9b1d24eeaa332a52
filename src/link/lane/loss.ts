import type { Direction } from '../spec.ts';
import type { Generator } from './generator.ts';

/** Which packets of one direction are lost: each with the same chance, or in bursts (Gilbert–Elliott). */
export class Loss {
  readonly #spec: Pick<Direction, 'loss' | 'burstLoss'>;
  readonly #random: Generator;
  #bad = false;

  constructor(spec: Pick<Direction, 'loss' | 'burstLoss'>, random: Generator) {
    this.#spec = spec;
    this.#random = random;
  }

  /** Decides the fate of the next packet. */
  takes(): boolean {
    const { loss, burstLoss } = this.#spec;
    if (burstLoss === undefined) return this.#random.happens(loss);
    const { p, r, lossBad, lossGood } = burstLoss;
    if (this.#random.happens(this.#bad ? r : p)) this.#bad = !this.#bad;
    return this.#random.happens(this.#bad ? lossBad : lossGood);
  }
}

/** The share of packets that a direction loses in the long run. */
export function meanLoss({ loss, burstLoss }: Pick<Direction, 'loss' | 'burstLoss'>): number {
  if (burstLoss === undefined) return loss;
  const { p, r, lossBad, lossGood } = burstLoss;
  return (p * lossBad + r * lossGood) / (p + r);
}
