import * as z from 'zod';
import { isMode } from './by-mode.ts';

/** What stands for a value of the run: `{port:tls13}`; doubled braces stand for themselves: `{{port}}`. */
const PLACEHOLDER = /\{(\{\w+(?::[^{}\s]+)?\})\}|\{([A-Za-z]\w*)(?::([^{}\s]+))?\}/g;

/** Every placeholder, and whether it is of one mode's listener. */
const PLACEHOLDERS: Record<string, 'alone' | 'of a mode' | 'alone or of a mode'> = {
  host: 'alone',
  folder: 'alone',
  source: 'alone',
  noDelay: 'alone',
  username: 'alone',
  password: 'alone',
  port: 'of a mode',
  ca: 'alone or of a mode',
  cert: 'alone or of a mode',
  key: 'alone or of a mode',
  clientCa: 'alone or of a mode',
  psk: 'alone or of a mode',
  crl: 'alone or of a mode',
};

export interface Placeholder {
  name: string;
  /** What follows the colon. */
  mode: string | undefined;
}

/** A text with placeholders; `secrets`: whether it may have those that stand for user name and password. */
export function templateSchema({ secrets }: { secrets: boolean }) {
  return z.string().superRefine((text, context) => {
    for (const placeholder of placeholdersIn(text)) {
      const message =
        problemOf(placeholder) ??
        (!secrets && ['username', 'password'].includes(placeholder.name)
          ? `{${placeholder.name}} would stand in the machine's list of processes here; write it into a file, or into env`
          : undefined);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }
  });
}

export function placeholdersIn(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, , name, mode]) =>
    name === undefined ? [] : [{ name, mode }],
  );
}

export function fill(text: string, valueOf: (placeholder: Placeholder) => string): string {
  return text.replaceAll(
    PLACEHOLDER,
    (_all, literal: string | undefined, name: string | undefined, mode: string | undefined) =>
      literal ?? valueOf({ name: name ?? '', mode }),
  );
}

function problemOf({ name, mode }: Placeholder): string | undefined {
  const kind = PLACEHOLDERS[name];
  if (kind === undefined) {
    const all = Object.keys(PLACEHOLDERS).map((each) => (each === 'port' ? '{port:MODE}' : `{${each}}`));
    return `{${name}} stands for nothing, expected one of ${all.join(', ')}; for the text itself write {{${name}}}`;
  }
  if (mode === undefined)
    return kind === 'of a mode' ? `{${name}} needs a mode, such as {${name}:tls13}` : undefined;
  if (kind === 'alone') return `{${name}} is of no mode, got {${name}:${mode}}`;
  return isMode(mode)
    ? undefined
    : `${mode} in {${name}:${mode}} is no mode; the command \`modes\` lists them`;
}
