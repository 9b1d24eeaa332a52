import { InvalidArgumentError } from 'commander';

/** A whole number of 0 or more. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number of 0 or more.');
  return Number(text);
}

/** Collects the values of an option that may be given several times. */
export function repeated(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** A number of 0 or more. */
export function amount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Expected a number of 0 or more.');
  return Number(text);
}
