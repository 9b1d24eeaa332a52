import { printable } from '../format.ts';

/** A piece of HTML: what is in it has been escaped already. Made by {@link html}, or by {@link trusted}. */
export interface Markup {
  readonly markup: string;
}

type Value = Markup | string | number | readonly Markup[];

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or in a quoted attribute. */
export function escapeText(text: string): string {
  return printable(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A template whose values are escaped, unless they are {@link Markup} themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const parts = strings.map((text, index) => {
    const value = values[index];
    return value === undefined ? text : text + render(value);
  });
  return { markup: parts.join('') };
}

function render(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeText(String(value));
  if ('markup' in value) return value.markup;
  return value.map(({ markup }) => markup).join('');
}

/** Marks text as HTML that is safe as it is: our own style sheet, a picture that we drew. */
export function trusted(markup: string): Markup {
  return { markup };
}

export const NOTHING: Markup = trusted('');
