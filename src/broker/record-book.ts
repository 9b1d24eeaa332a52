import { Outbox } from '../process/outbox.ts';
import type { BrokerRecord, BrokerRefusal } from './broker.ts';

type Batch = { kind: 'records'; records: BrokerRecord[] } | { kind: 'refusals'; refusals: BrokerRefusal[] };

/** Collects what a broker process stamped and tells it to the runner in batches. */
export class RecordBook {
  readonly #open = new Set<BrokerRecord>();
  readonly #records: Outbox<BrokerRecord>;
  readonly #refusals: Outbox<BrokerRefusal>;

  constructor(emit: (batch: Batch) => void) {
    this.#records = new Outbox((records) => emit({ kind: 'records', records }));
    this.#refusals = new Outbox((refusals) => emit({ kind: 'refusals', refusals }));
  }

  /** A connection whose CONNECT was read; reported when it closes, or at {@link flush}. */
  open(record: BrokerRecord): void {
    this.#open.add(record);
  }

  close(record: BrokerRecord): void {
    // What a flush has reported already is not reported again.
    if (this.#open.delete(record)) this.#records.add(record);
  }

  refuse(refusal: BrokerRefusal): void {
    this.#refusals.add(refusal);
  }

  /** Reports all, open connections included. */
  flush(): void {
    for (const record of this.#open) this.#records.add(record);
    this.#open.clear();
    this.#records.flush();
    this.#refusals.flush();
  }
}
