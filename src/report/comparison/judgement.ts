import type { Comparison } from '../../compare/comparison.ts';
import type { Gate } from '../../gate/gate.ts';
import type { Results } from '../../results/schema.ts';

/** What `compare` and `gate` came to, and the run that it is about: all outputs are drawn from it. */
export interface Judgement {
  candidate: Results;
  comparison?: Comparison | undefined;
  gate?: Gate | undefined;
}
