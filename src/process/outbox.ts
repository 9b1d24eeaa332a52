/** Items wait this long for company: one message then carries many, away from what is being measured. */
const BATCH_MS = 100;

/** Collects items and hands them on in batches. */
export class Outbox<T> {
  readonly #send: (items: T[]) => void;
  #items: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (items: T[]) => void) {
    this.#send = send;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) this.#send(items);
  }
}
