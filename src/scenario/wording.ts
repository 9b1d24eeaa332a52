const OR = new Intl.ListFormat('en-GB', { type: 'disjunction' });
const AND = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const SHOWN_CHARACTERS = 60;

const TYPE_WORDS: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** A type as zod calls it, in the words of YAML. */
export function typeWord(type: string): string {
  return TYPE_WORDS[type] ?? type;
}

/** `a, b or c`. */
export function or(items: readonly string[]): string {
  return OR.format(items);
}

/** `a, b and c`. */
export function and(items: readonly string[]): string {
  return AND.format(items);
}

/** A value as a message shows it: scalars as they are, collections by their kind. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

/** `1 item`, `2 items`. */
export function count(number: number | bigint, noun: string): string {
  return `${number} ${noun}${Number(number) === 1 ? '' : 's'}`;
}
