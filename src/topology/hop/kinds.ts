import { haproxyHop } from './haproxy.ts';
import type { HopKind } from './kind.ts';
import { nginxHop } from './nginx.ts';
import { nodeHop } from './node.ts';
import { stunnelHop } from './stunnel.ts';

/** Every kind of hop. A new one is one file and one line here. */
const HOP_KINDS = [nodeHop, haproxyHop, nginxHop, stunnelHop] as const satisfies HopKind[];

export const HOP_KIND_NAMES = HOP_KINDS.map(({ name }) => name);

/** The kind of that name. Throws a RangeError for a name that is not in {@link HOP_KINDS}. */
export function hopKindNamed(name: string): HopKind {
  const kind = HOP_KINDS.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new RangeError(`Expected one of ${HOP_KIND_NAMES.join(', ')}, got '${name}'`);
  return kind;
}
