/** How many left places at the front are worth a copy of the rest. */
const SLACK = 1024;

/** A queue whose front is taken in constant time, also when it is long. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #front = 0;

  get length(): number {
    return this.#items.length - this.#front;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  first(): T | undefined {
    return this.#items[this.#front];
  }

  last(): T | undefined {
    return this.length === 0 ? undefined : this.#items.at(-1);
  }

  replaceFirst(item: T): void {
    this.#items[this.#front] = item;
  }

  shift(): T | undefined {
    const item = this.#items[this.#front];
    this.#items[this.#front] = undefined;
    this.#front++;
    if (this.#front >= this.#items.length) {
      this.#items.length = 0;
      this.#front = 0;
    } else if (this.#front > SLACK && this.#front * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#front);
      this.#front = 0;
    }
    return item;
  }

  /** The first that fits, from the front. */
  find(fits: (item: T) => boolean): T | undefined {
    for (let place = this.#front; place < this.#items.length; place++) {
      const item = this.#items[place];
      if (item !== undefined && fits(item)) return item;
    }
    return undefined;
  }

  clear(): void {
    this.#items = [];
    this.#front = 0;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#front; place < this.#items.length; place++) {
      const item = this.#items[place];
      if (item !== undefined) yield item;
    }
  }
}
