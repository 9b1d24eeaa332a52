import * as z from 'zod';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { needsId } from '../pki/needs.ts';

/** Whether a text is the name of a mode, with axes or without: `tls13`, `tls13+key=rsa-2048`. */
export function isMode(text: string): boolean {
  try {
    return modeNamed(text).name === text;
  } catch {
    return false;
  }
}

/** A mapping from modes to what each has. */
export function byModeSchema<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).superRefine((entries, context) => {
    for (const name of Object.keys(entries))
      if (!isMode(name))
        context.addIssue({
          code: 'custom',
          path: [name],
          message: 'no mode has this name; the command `modes` lists them',
        });
  });
}

/** The name under which a mode has an entry: its own, or its family's where only the clients differ. */
export function entryNameOf(names: readonly string[], mode: Mode): string | undefined {
  if (names.includes(mode.name)) return mode.name;
  const family = modeNamed(mode.family);
  const sameBroker = needsId(family.needs) === needsId(mode.needs) && family.tickets === mode.tickets;
  return sameBroker && names.includes(family.name) ? family.name : undefined;
}
