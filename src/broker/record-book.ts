import type { BrokerRecord, BrokerRefusal } from './broker.ts';

/** Records wait this long for company, so that one message carries many. */
const BATCH_MS = 100;

interface Batch {
  records: BrokerRecord[];
  refusals: BrokerRefusal[];
}

/** Collects what a broker process stamped and tells it to the runner in batches, away from the stamping itself. */
export class RecordBook {
  readonly #emit: (batch: Batch) => void;
  readonly #open = new Set<BrokerRecord>();
  #batch: Batch = { records: [], refusals: [] };
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: (batch: Batch) => void) {
    this.#emit = emit;
  }

  /** A connection whose CONNECT was read; reported when it closes, or at {@link flush}. */
  open(record: BrokerRecord): void {
    this.#open.add(record);
  }

  close(record: BrokerRecord): void {
    // What a flush has reported already is not reported again.
    if (!this.#open.delete(record)) return;
    this.#batch.records.push(record);
    this.#schedule();
  }

  refuse(refusal: BrokerRefusal): void {
    this.#batch.refusals.push(refusal);
    this.#schedule();
  }

  /** Reports all, open connections included. */
  flush(): void {
    for (const record of this.#open) this.#batch.records.push(record);
    this.#open.clear();
    this.#send();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#send(), BATCH_MS);
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#batch.records.length + this.#batch.refusals.length > 0) this.#emit(this.#batch);
    this.#batch = { records: [], refusals: [] };
  }
}
