import { ZodError } from 'zod';
import { messageOf, usageError } from '../errors.ts';
import { AXIS_NAMES } from '../modes/axes.ts';
import { MODE_NAMES, modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { didYouMean } from '../scenario/suggest.ts';
import { or } from '../scenario/wording.ts';

/** The mode that a user names, such as `tls13` or `tls13+key=rsa-2048`. Throws a BenchError that says what is wrong with the name. */
export function modeOf(name: string): Mode {
  const [family = '', ...parts] = name.split('+');
  if (!MODE_NAMES.some((known) => known === family)) {
    throw usageError(
      `There is no mode "${family}"${didYouMean(family, MODE_NAMES)}`,
      `The modes are ${or(MODE_NAMES)}.`,
    );
  }
  for (const part of parts) {
    const [axis = ''] = part.split('=');
    if (AXIS_NAMES.some((known) => known === axis)) continue;
    throw usageError(
      `There is no axis "${axis}" in "${name}"${didYouMean(axis, AXIS_NAMES)}`,
      `The axes are ${or(AXIS_NAMES)}.`,
    );
  }
  try {
    return modeNamed(name);
  } catch (error) {
    if (error instanceof ZodError) {
      const [issue] = error.issues;
      throw usageError(`The mode "${name}": ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    if (error instanceof RangeError) throw usageError(`The mode "${name}": ${messageOf(error)}`);
    throw error;
  }
}
