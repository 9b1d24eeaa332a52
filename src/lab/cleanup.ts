import { messageOf } from '../errors.ts';

/** Undoes what was done, last things first, whatever fails on the way. */
export class Cleanup {
  readonly #steps: (() => Promise<void>)[] = [];

  /** Registers how to undo a step that has just been done. */
  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Undoes everything; answers what could not be undone. */
  async run(): Promise<string[]> {
    const problems: string[] = [];
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch (error) {
        problems.push(messageOf(error));
      }
    }
    return problems;
  }
}
