import { stripVTControlCharacters } from 'node:util';

/** What stands where there is no figure. */
export const NONE = '–';

const MINUS = '−';
const integers = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const list = new Intl.ListFormat('en', { type: 'conjunction' });

/** A number of fixed decimals, grouped by thousands, with a real minus sign; {@link NONE} where there is none. */
export function fixed(value: number | undefined, digits: number): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  const text = formatOf(digits).format(Math.abs(value));
  // −0.00 would say more than was measured.
  return value < 0 && /[1-9]/.test(text) ? `${MINUS}${text}` : text;
}

/** To make one takes a hundred times as long as to use it. */
const formats = new Map<number, Intl.NumberFormat>();

function formatOf(digits: number): Intl.NumberFormat {
  const known = formats.get(digits);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(digits, made);
  return made;
}

/** Milliseconds without their unit, for table columns that name it. */
export function ms(value: number | undefined): string {
  return fixed(value, 2);
}

/** Milliseconds with their unit, for sentences and labels in pictures. */
export function msText(value: number | undefined): string {
  return value === undefined ? NONE : `${fixed(value, Math.abs(value) < 10 ? 2 : 1)} ms`;
}

/** A difference in milliseconds, always with its sign, without its unit. */
export function signedMs(value: number | undefined): string {
  const text = ms(value);
  return text === NONE || text.startsWith(MINUS) || !/[1-9]/.test(text) ? text : `+${text}`;
}

export function integer(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  return integers.format(value).replace('-', MINUS);
}

/** A share of 0 to 1 as a percentage with as many decimals as it takes to tell it from 0. */
export function percent(share: number): string {
  const value = share * 100;
  return `${fixed(value, value !== 0 && Math.abs(value) < 1 ? 2 : Number.isInteger(value) ? 0 : 1)} %`;
}

export function mebibytes(bytes: number): string {
  return `${fixed(bytes / 2 ** 20, 1)} MiB`;
}

/** `a, b and c` as English writes it. */
export function enumeration(items: readonly string[]): string {
  return list.format(items);
}

/** File systems take names of 255 bytes; a mode with every axis in its name comes near. */
const LONGEST_SLUG = 100;

/** A name for files and anchors: lower-case letters, digits and single dashes, never empty, at most 100 characters. */
export function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_SLUG)
    .replaceAll(/^-|-$/g, '');
  return plain === '' ? 'x' : plain;
}

/** Text without characters that steer terminals or that XML forbids; names and reasons come from files. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\p{Cc}\uFFFE\uFFFF]+/gu, ' ');
}

/** Reasons with their counts; {@link NONE} where there are none. */
export function reasonsText(reasons: Readonly<Record<string, number>>): string {
  const all = Object.entries(reasons).map(([reason, count]) => `${reason} ${integer(count)}`);
  return all.length === 0 ? NONE : all.join(', ');
}
