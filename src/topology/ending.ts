import * as z from 'zod';
import type { Endpoint } from '../link/backend.ts';
import { MODE_NAMES, modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { modeId } from '../modes/resolve.ts';
import { innerCertificateSchema, type InnerCertificate } from './hop-record.ts';
import type { HopKind, RunningHop } from './hop/kind.ts';
import { HOP_KIND_NAMES, hopKindNamed } from './hop/kinds.ts';
import type { Lane, OpenTopology, Topology, TopologyChoice, TopologyContext } from './topology.ts';

/** Settings of hops that end the clients' connections. */
export const ENDING_SHAPE = {
  hop: z.enum(HOP_KIND_NAMES).optional().meta({
    description: 'what ends the connections: the bench’s own hop (default node) or another program',
  }),
  warm: z.boolean().optional().meta({
    description: 'true keeps connections to the broker ready before a client comes (default false)',
  }),
};

/** The same for hops whose connections to the broker have TLS. */
export const ENCRYPTING_SHAPE = {
  ...ENDING_SHAPE,
  inner: z
    .string()
    .superRefine((name, context) => {
      const problem = innerModeProblem(name);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .optional()
    .meta({ description: 'mode of the connections to the broker (default: the clients’ own, or tls13)' }),
  innerCertificate: innerCertificateSchema.optional().meta({
    description:
      'what the hop takes for the broker: wrong-ca trusts another authority, wrong-name expects another name, and both must fail (default valid)',
  }),
};

/** Why a hop cannot dial its broker in a mode of that name; undefined when it can. */
function innerModeProblem(name: string): string | undefined {
  let mode: Mode;
  try {
    mode = modeNamed(name);
  } catch {
    return `there is no mode ${name}, expected one of ${MODE_NAMES.join(', ')}, with axes as in tls13+key=rsa-2048`;
  }
  if (mode.security === undefined) return 'without TLS nothing is encrypted anew; that is tls-terminated';
  if (mode.auth !== 'none') return '`auth` is what the clients show, and stands in their own mode';
  if (mode.resumption !== undefined)
    return `the hop begins a session with each connection and resumes none, so ${name} is no inner mode`;
  return mode.refusedAt !== undefined
    ? 'an inner mode in which the hop is refused lets nobody through'
    : undefined;
}

interface Settings {
  kind: HopKind;
  warm: boolean;
  innerCertificate: InnerCertificate;
}

export function settingsOf({ options }: TopologyChoice): Settings {
  const { hop = 'node', warm = false, innerCertificate = 'valid' } = options;
  return {
    kind: hopKindNamed(String(hop)),
    warm: warm === true,
    innerCertificate: innerCertificateSchema.parse(innerCertificate),
  };
}

/**
 * What topologies have alike whose hop ends the clients' connections and dials the broker by itself; they differ in the
 * mode that it dials in.
 */
export function endingTopology(
  own: Pick<Topology, 'name' | 'description' | 'shape'> & {
    innerMode: (mode: Mode, choice: TopologyChoice) => string;
  },
) {
  const { name, description, shape } = own;
  const innerMode = (mode: Mode, choice: TopologyChoice): string =>
    askedBy(mode, own.innerMode(mode, choice));
  return {
    name,
    description,
    shape,
    hasInnerLink: true,
    needs: 'hops',
    lack: (choice) => settingsOf(choice).kind.lack(),
    cannot: (mode, choice) => {
      const { kind, warm } = settingsOf(choice);
      if (mode.security === undefined) return 'there is no TLS for the hop to end';
      if (mode.auth === 'x509')
        return 'the certificate that `auth` x509 maps to a user is shown to the hop, and the broker behind it never sees it';
      if (warm && !kind.keepsWarm)
        return `${kind.name} dials when a client has come, and keeps no connection ready`;
      return kind.cannotServe(mode) ?? kind.cannotDial(modeNamed(innerMode(mode, choice)));
    },
    path: (mode, choice) => ({
      kind: 'split',
      inner: modeNamed(innerMode(mode, choice)).theory,
      warm: settingsOf(choice).warm,
    }),
    brokerMode: (mode, choice) => innerMode(modeNamed(mode), choice),
    ending: (choice) => {
      const { kind, warm } = settingsOf(choice);
      return { tells: kind.tells, warm };
    },
    open: (context) => Promise.resolve(open(context, (mode) => innerMode(modeNamed(mode), context.choice))),
  } as const satisfies Topology;
}

/** The mode of the hop's connections, with what the broker asks of the clients in them: CONNECT passes a hop as it is. */
function askedBy({ auth, axes }: Mode, inner: string): string {
  if (auth === 'none') return inner;
  const { family, axes: own } = modeNamed(inner);
  return modeId(family, {
    ...own,
    auth,
    ...(axes.credentials === undefined ? {} : { credentials: axes.credentials }),
  });
}

function open(context: TopologyContext, innerModeOf: (mode: string) => string): OpenTopology {
  const { choice, link } = context;
  const { kind, warm, innerCertificate } = settingsOf(choice);
  const { innerLink } = choice;
  if (innerLink === undefined) throw new Error(`${choice.id} has no inner link`);
  const endpoints = new Map<string, Endpoint>();
  const processes: RunningHop['processes'][number][] = [];
  let hop: RunningHop | undefined;
  return {
    broker: { prefix: link.prefix.broker, host: link.brokerHost },
    prepare: async (lanes) => {
      const hopLanes = [];
      for (const { mode, listener } of lanes) {
        const { host, port } = await link.route(innerLink, listener);
        hopLanes.push({ mode, innerMode: innerModeOf(mode), target: { host, port } });
      }
      hop = await kind.start({ label: choice.id, lanes: hopLanes, warm, innerCertificate, context });
      processes.push(...hop.processes);
      for (const [index, lane] of lanes.entries()) {
        const endpoint = hop.endpoints[index];
        if (endpoint !== undefined) endpoints.set(keyOf(lane), endpoint);
      }
    },
    reach: (outer, mode, listener) => {
      const endpoint = endpoints.get(keyOf({ mode, listener }));
      if (endpoint === undefined) throw new Error(`The hop ${choice.id} was told of no such listener`);
      return link.route(outer, endpoint);
    },
    processes,
    flush: async () => hop?.flush(),
    close: async () => hop?.stop(),
  };
}

function keyOf({ mode, listener: { host, port } }: Lane): string {
  return `${mode} ${host}:${port}`;
}
