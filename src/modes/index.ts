import type { Mode } from './mode.ts';
import { mtls12 } from './mtls12.ts';
import { mtls13 } from './mtls13.ts';
import { plain } from './plain.ts';
import { tls12Psk } from './tls12-psk.ts';
import { tls12 } from './tls12.ts';
import { tls13Psk } from './tls13-psk.ts';
import { tls13 } from './tls13.ts';

/** Every mode, in the order in which reports show them. A new mode is one file and one line here. */
export const MODES = [plain, tls12, tls13, tls12Psk, tls13Psk, mtls12, mtls13] as const satisfies Mode[];

export const MODE_NAMES = MODES.map((mode) => mode.name);

/** The mode of that name. Throws a RangeError for a name that is not in {@link MODES}. */
export function modeNamed(name: string): Mode {
  const mode = MODES.find((candidate) => candidate.name === name);
  if (mode === undefined) throw new RangeError(`Expected one of ${MODE_NAMES.join(', ')}, got '${name}'`);
  return mode;
}
