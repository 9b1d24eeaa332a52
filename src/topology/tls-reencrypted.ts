import type { Axes } from '../modes/axes.ts';
import { familyNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { axesProblem, modeId } from '../modes/resolve.ts';
import { ENCRYPTING_SHAPE, endingTopology } from './ending.ts';
import type { TopologyChoice } from './topology.ts';

/** Where the clients' own mode is not one that a hop could dial in. */
const DEFAULT_INNER = 'tls13';
/** What of a mode is TLS between any two ends; the rest is the clients' own matter. */
const TLS_AXES = ['key', 'chain', 'padBytes', 'suite', 'group', 'tickets'] as const satisfies (keyof Axes)[];

/** A firewall that opens TLS, and encrypts anew towards the broker, whose certificate it verifies. */
export const tlsReencrypted = endingTopology({
  name: 'tls-reencrypted',
  description:
    'TLS ends at the firewall, which has a TLS connection of its own to the broker and verifies its certificate.',
  shape: ENCRYPTING_SHAPE,
  innerMode,
});

/** The mode that the hop dials the broker in: the one that is asked for, the clients' own where a hop can, or TLS 1.3. */
function innerMode(mode: Mode, { options: { inner } }: TopologyChoice): string {
  if (typeof inner === 'string') return inner;
  if (mode.security === undefined || mode.resumption !== undefined || mode.refusedAt === 'handshake')
    return DEFAULT_INNER;
  const axes = Object.fromEntries(
    TLS_AXES.flatMap((axis) => (mode.axes[axis] === undefined ? [] : [[axis, mode.axes[axis]]])),
  );
  const fits = axesProblem(familyNamed(mode.family), axes) === undefined;
  return fits ? modeId(mode.family, axes) : DEFAULT_INNER;
}
