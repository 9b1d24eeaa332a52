import * as z from 'zod';
import type { LinkSpec } from '../link/spec.ts';
import { modeNamed } from '../modes/index.ts';
import { TOPOLOGIES, topologyNamed } from '../topology/index.ts';
import type { Topology, TopologyChoice } from '../topology/topology.ts';
import type { Finding } from './finding.ts';
import { labelSchema } from './label.ts';

/** Any topology by its name, or with settings: those of all that have them, and those of its kind. */
export function topologySchemaWith<T extends z.ZodType>(linkSchema: T) {
  return z.union([
    z.enum(TOPOLOGIES.map(({ name }) => name)),
    ...TOPOLOGIES.map(({ name, shape, hasInnerLink }) =>
      z.strictObject({
        name: z.literal(name),
        label: labelSchema.optional(),
        ...(hasInnerLink
          ? {
              innerLink: linkSchema.optional().meta({
                description: 'what lies between the last hop and the broker (default lan)',
              }),
            }
          : {}),
        ...shape,
      }),
    ),
  ]);
}

/** A topology as a scenario has it. */
export type TopologyInput<Link> = string | TopologyObject<Link>;

interface TopologyObject<Link> {
  name: string;
  label?: string | undefined;
  innerLink?: Link | undefined;
  [option: string]: unknown;
}

/** What of a scenario's topologies no workload of it could measure; `isList` when the scenario has a list of them. */
export function topologyFindings(
  topologies: readonly TopologyChoice[],
  workloads: readonly { kind: string }[],
  isList: boolean,
): Finding[] {
  const other = workloads.find(({ kind }) => kind !== 'handshake')?.kind;
  const failing = workloads.some(({ kind }) => kind === 'failover');
  return topologies.flatMap((topology, index): Finding[] => {
    const kind: Topology = topologyNamed(topology.name);
    const path = ['topology', ...(isList ? [index] : [])];
    const find = (message: string): Finding[] => [{ path, at: 'value', message }];
    if (other !== undefined && kind.closed?.(topology) !== undefined)
      return find(`nobody is let in, which only the workload 'handshake' measures, not '${other}'`);
    const standing = workloads.find(
      (workload) => workload.kind !== 'handshake' && workload.kind !== 'wake',
    )?.kind;
    if (standing !== undefined && isRaisedByEach(topology))
      return find(
        `each connection raises a tunnel of its own, which the workloads 'handshake' and 'wake' do, not '${standing}'; expected warm: true`,
      );
    const able = TOPOLOGIES.filter((each) => 'failsOver' in each).map(({ name }) => name);
    return failing && kind.failsOver !== true
      ? find(`there is no other path, which the workload 'failover' needs; expected ${able.join(' or ')}`)
      : [];
  });
}

/** Whether something is over before the SYN of each connection gets on its way, such as the handshake of a cold tunnel. */
function isRaisedByEach(topology: TopologyChoice): boolean {
  const path = topologyNamed(topology.name).path(modeNamed('plain'), topology);
  return path?.kind === 'through' && path.before > 0;
}

/** What a topology is called in cells. */
export function topologyId(topology: TopologyInput<unknown>): string {
  return typeof topology === 'string' ? topology : (topology.label ?? topology.name);
}

/** A topology with every default in its place; `linkOf` looks links up. */
export function topologyOf<Link>(
  topology: TopologyInput<Link>,
  linkOf: (link: Link | 'lan') => LinkSpec,
): TopologyChoice {
  const {
    name,
    label: _label,
    innerLink,
    ...options
  } = typeof topology === 'string' ? ({ name: topology } as TopologyObject<Link>) : topology;
  const inner = topologyNamed(name).hasInnerLink ? linkOf(innerLink ?? 'lan') : undefined;
  return { id: topologyId(topology), name, innerLink: inner, options };
}
