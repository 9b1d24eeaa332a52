import { axesSchema, type Axes } from './axes.ts';
import type { Family } from './family.ts';
import type { Mode } from './mode.ts';
import { mtls12ResumedTicket } from './mtls12-resumed-ticket.ts';
import { mtls12 } from './mtls12.ts';
import { mtls13Resumed } from './mtls13-resumed.ts';
import { mtls13 } from './mtls13.ts';
import { plain } from './plain.ts';
import { resolveMode } from './resolve.ts';
import { tls12DhePsk } from './tls12-dhe-psk.ts';
import { tls12EcdhePsk } from './tls12-ecdhe-psk.ts';
import { tls12PskCcm8 } from './tls12-psk-ccm8.ts';
import { tls12Psk } from './tls12-psk.ts';
import { tls12ResumedId } from './tls12-resumed-id.ts';
import { tls12ResumedTicket } from './tls12-resumed-ticket.ts';
import { tls12 } from './tls12.ts';
import { tls13Hrr } from './tls13-hrr.ts';
import { tls13Mlkem } from './tls13-mlkem.ts';
import { tls13P256 } from './tls13-p256.ts';
import { tls13Psk } from './tls13-psk.ts';
import { tls13Resumed } from './tls13-resumed.ts';
import { tls13X25519 } from './tls13-x25519.ts';
import { tls13 } from './tls13.ts';

/** Every family of modes, in the order in which reports show them. A new one is one file and one line here. */
export const FAMILIES = [
  plain,
  tls12,
  tls13,
  tls12Psk,
  tls12PskCcm8,
  tls12EcdhePsk,
  tls12DhePsk,
  tls13Psk,
  mtls12,
  mtls13,
  tls12ResumedId,
  tls12ResumedTicket,
  mtls12ResumedTicket,
  tls13Resumed,
  mtls13Resumed,
  tls13Hrr,
  tls13X25519,
  tls13P256,
  tls13Mlkem,
] as const satisfies Family[];

/** Every family with its axes at their defaults. */
export const MODES: readonly Mode[] = FAMILIES.map((family) => resolveMode(family, {}));

export const MODE_NAMES = FAMILIES.map(({ name }) => name);

const known = new Map<string, Mode>(MODES.map((mode) => [mode.name, mode]));

/** The family of that name. Throws a RangeError for a name that is not in {@link FAMILIES}. */
export function familyNamed(name: string): Family {
  const family = FAMILIES.find((candidate) => candidate.name === name);
  if (family === undefined) throw new RangeError(`Expected one of ${MODE_NAMES.join(', ')}, got '${name}'`);
  return family;
}

/**
 * The mode of a name such as `tls13` or `tls13+key=rsa-2048+chain=3`, as `modeId` writes it. Throws a RangeError for a
 * name that no family has, a ZodError for an axis that there is not.
 */
export function modeNamed(id: string): Mode {
  const mode = known.get(id) ?? resolveMode(...parseMode(id));
  known.set(id, mode);
  return mode;
}

function parseMode(id: string): [Family, Axes] {
  const [name = '', ...parts] = id.split('+');
  const given = parts.map((part): [string, unknown] => {
    const [axis = '', value = ''] = part.split('=');
    if (value === 'true' || value === 'false') return [axis, value === 'true'];
    return [axis, /^\d+$/.test(value) ? Number(value) : value];
  });
  return [familyNamed(name), axesSchema.parse(Object.fromEntries(given))];
}
