import type { AedesOptions } from 'aedes';
import { decryptBeforeDistribution } from '../payload/broker-hook.ts';
import { Opener, type Opening } from '../payload/opening.ts';
import { ReplayState } from '../payload/replay.ts';
import type { Injected, TallyResult, ToldApart } from '../payload/tally.ts';

type AuthorizePublish = NonNullable<AedesOptions['authorizePublish']>;

/** What opens protected payloads before Aedes distributes them. Until it is told to open some, all pass as they are. */
export class PayloadGate {
  /** The run's private folder, where the keys are. */
  folder = '';
  #opener: Opener | undefined;
  #replays = new ReplayState();
  readonly #hook = decryptBeforeDistribution({
    open: (topic, bytes) =>
      this.#opener?.covers(topic) === true ? this.#opener.open(topic, bytes, this.#replays) : undefined,
  });

  /** From now on opens these, and counts afresh; null: nothing. Throws a BenchError for a key that is not there. */
  async open(opening: Opening | null): Promise<void> {
    this.#opener = opening === null ? undefined : await Opener.create(this.folder, opening, 'broker');
    this.#replays = new ReplayState();
  }

  /** What it made of messages since. Throws an Error when it opens none. */
  opened(injected: readonly Injected[]): TallyResult & ToldApart {
    if (this.#opener === undefined) throw new Error('This broker opens no payloads now');
    const { tally } = this.#opener;
    return { ...tally.result(), ...tally.tellApart(injected, 1) };
  }

  pass(...hooked: Parameters<AuthorizePublish>): void {
    this.#hook(...hooked);
  }
}
