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

/** Beyond it a payload is a file; MQTT itself takes up to 256 MB. */
const LARGEST_PAYLOAD_BYTES = 2 ** 20;

/** One size in bytes. */
export function byteSize(text: string): number {
  const [size] = byteSizes(text);
  if (size === undefined || text.includes(',')) {
    throw new InvalidArgumentError(`Expected a whole number of 0 to ${LARGEST_PAYLOAD_BYTES}.`);
  }
  return size;
}

/** Sizes in bytes, separated by commas, each once. */
export function byteSizes(text: string): number[] {
  const sizes = text.split(',').map((size) => (/^\d+$/.test(size.trim()) ? Number(size) : Number.NaN));
  if (!sizes.every((size) => size <= LARGEST_PAYLOAD_BYTES)) {
    throw new InvalidArgumentError(
      `Expected whole numbers of 0 to ${LARGEST_PAYLOAD_BYTES}, separated by commas.`,
    );
  }
  return [...new Set(sizes)];
}
