import { createSecureContext } from 'node:tls';
import type { BrokerChoice } from '../broker/broker.ts';
import { brokerNamed } from '../broker/index.ts';
import { environmentError, messageOf, type BenchError } from '../errors.ts';
import type { BackendName } from '../link/backend.ts';
import { abilityLack } from '../link/backends.ts';
import type { Authentication } from '../modes/axes.ts';
import { modeNamed } from '../modes/index.ts';
import type { Mode } from '../modes/mode.ts';
import { OWN_RUNTIME, runtimeNamed, type RuntimeName } from '../runtimes/index.ts';
import { locateRuntime } from '../runtimes/locate.ts';
import { partnerOf, type PairedPlan, type Variant } from '../scenario/paired.ts';
import { withoutMore, type LeftOut, type Plan } from '../scenario/plan.ts';
import type { Workload } from '../swarm/workloads/settings/index.ts';
import { DIRECT } from '../topology/direct.ts';
import { topologyNamed } from '../topology/index.ts';
import type { TopologyChoice } from '../topology/topology.ts';
import { isElsewhere } from './consent.ts';
import { eachOnce, openingLacks } from './payload-lacks.ts';
import { qosLacks } from './qos-lacks.ts';

/** A mode that cannot be run here, on one broker or on all, with one workload or with all, and why. */
export interface Unsupported extends LeftOut {
  reason: string;
  /** It was tried, and something else than the mode asks for was negotiated. */
  wrongParameters?: true;
  /** It could be measured, and its partner in a paired run cannot. */
  forPartner?: true;
}

/**
 * What of a plan cannot be tried at all: runtimes that are not installed, MQTT versions and a QoS that a broker does not
 * have, and what this Node's own TLS does not have.
 */
export async function findUnsupported(plan: Plan): Promise<Unsupported[]> {
  const { modes, brokers, topologies, workloads } = plan.scenario;
  const lacks = new Map<RuntimeName, string>();
  for (const name of new Set([
    ...modes.map((id) => modeNamed(id).clientRuntime),
    ...brokers.map(({ runtime }) => runtime),
  ])) {
    const located = await locateRuntime(runtimeNamed(name));
    if ('lack' in located) lacks.set(name, located.lack);
  }
  const unsupported: Unsupported[] = [
    ...openingLacks(plan),
    ...restartLacks(plan),
    ...(await qosLacks(plan)),
  ];
  for (const mode of modes) {
    const reason = lacks.get(modeNamed(mode).clientRuntime) ?? (await unsupportedBecause(modeNamed(mode)));
    if (reason !== undefined) unsupported.push({ mode, reason });
    else {
      for (const broker of brokers) {
        const lack =
          lacks.get(broker.runtime) ?? denialLack(broker, workloads) ?? protocolLack(modeNamed(mode), broker);
        if (lack !== undefined) unsupported.push({ mode, broker: broker.id, reason: lack });
        else unsupported.push(...(await brokerLacks(mode, broker, topologies)));
      }
      for (const topology of topologies) {
        if (topology.name !== DIRECT.name)
          for (const broker of brokers.filter(isElsewhere))
            unsupported.push({
              mode,
              broker: broker.id,
              topology: topology.id,
              reason: 'no hop of the run can stand in front of a broker that runs elsewhere',
            });
        const lack = topologyNamed(topology.name).cannot(modeNamed(mode), topology);
        if (lack !== undefined) unsupported.push({ mode, topology: topology.id, reason: lack });
      }
    }
  }
  return unsupported;
}

/** What of a plan cannot be built around this backend's links, or on this machine. */
export async function findUnbuildable({ scenario }: Plan, backend: BackendName): Promise<Unsupported[]> {
  const { modes, topologies } = scenario;
  const lacks = await Promise.all(
    topologies.map(async (topology) => {
      const kind = topologyNamed(topology.name);
      const lack = kind.needs && abilityLack(backend, kind.needs);
      return { topology: topology.id, reason: lack ?? (await kind.lack(topology)) };
    }),
  );
  return lacks.flatMap(({ topology, reason }) =>
    reason === undefined ? [] : modes.map((mode) => ({ mode, topology, reason })),
  );
}

/** The plan without these modes. Throws an environment error (exit code 5) when nothing is left. */
export function without(plan: Plan, unsupported: readonly Unsupported[]): Plan {
  if (unsupported.length === 0) return plan;
  const rest = withoutMore(plan, unsupported);
  if (rest.cells.length > 0) return rest;
  throw nothingLeft(unsupported);
}

/**
 * A paired plan without what one of the two variants lacks, and what is left out of each. Throws an environment error
 * (exit code 5) when nothing is left.
 */
export function withoutBoth(
  pair: PairedPlan,
  found: Record<Variant, readonly Unsupported[]>,
): { pair: PairedPlan; unsupported: Record<Variant, Unsupported[]> } {
  const { baseline, candidate } = pair;
  const partners = (from: Variant, to: Variant): Unsupported[] =>
    found[from]
      .map((out) => ({
        ...partnerOf(out, pair[from].scenario, pair[to].scenario),
        reason: `its partner in the ${from}, ${textOf(out)}, cannot be measured: ${out.reason}`,
        forPartner: true as const,
      }))
      .filter((out) => found[to].every((own) => textOf(own) !== textOf(out)));
  const unsupported = {
    baseline: [...found.baseline, ...partners('candidate', 'baseline')],
    candidate: [...found.candidate, ...partners('baseline', 'candidate')],
  };
  if (unsupported.candidate.length === 0) return { pair, unsupported };
  const rest = {
    baseline: withoutMore(baseline, unsupported.baseline),
    candidate: withoutMore(candidate, unsupported.candidate),
  };
  if (rest.candidate.cells.length === 0) throw nothingLeft([...found.baseline, ...found.candidate]);
  return { pair: rest, unsupported };
}

/** `tls13 on aedes-bun`, `plain behind tls-terminated`. */
export function textOf({ mode, broker, topology, workload }: LeftOut): string {
  return [
    mode,
    ...(broker === undefined ? [] : ['on', broker]),
    ...(topology === undefined ? [] : ['behind', topology]),
    ...(workload === undefined ? [] : ['in', workload]),
  ].join(' ');
}

function nothingLeft(unsupported: readonly Unsupported[]): BenchError {
  const reasons = new Set(unsupported.map(({ mode, reason }) => `${mode} (${reason})`));
  return environmentError(
    `None of the modes can be run here: ${[...reasons].join('; ')}`,
    'What TLS lacks, the Node that the lockfile pins may have (`npm run -s bench -- run …`); `modes` lists the modes, `doctor` what this machine has.',
  );
}

/** Why a broker that denies something cannot be measured: a refusal is, but not where others than who is refused need it. */
function denialLack(choice: BrokerChoice, workloads: readonly Workload[]): string | undefined {
  const denied = brokerNamed(choice.name).denies?.(choice);
  if (denied === undefined) return undefined;
  for (const workload of workloads) {
    if (workload.kind !== 'handshake')
      return `its access management denies ${deniedWords(denied)}, and a ${workload.kind} workload is for clients that are let in`;
    if (denied === 'subscribe' && workload.action === 'publish')
      return 'its access management lets nobody subscribe, so that no message would be delivered';
  }
  return undefined;
}

/** The storms after a restart whose broker cannot be restarted. */
function restartLacks({ cells }: Plan): Unsupported[] {
  const lacks = cells.flatMap(({ mode, broker: { id, name }, workload, workloadId }): Unsupported[] => {
    if (workload.kind !== 'storm' || workload.after !== 'restart' || brokerNamed(name).restarts === true)
      return [];
    const reason = `${name} cannot be ended and started again in a run, which a storm after a restart begins with`;
    return [{ mode, broker: id, workload: workloadId, reason }];
  });
  return eachOnce(lacks);
}

function deniedWords(denied: 'connect' | 'publish' | 'subscribe' | 'topic'): string {
  return denied === 'topic' ? 'every topic' : `clients to ${denied}`;
}

/** Why a broker cannot serve what clients of a mode say to it, whatever is between them. */
function protocolLack(mode: Mode, choice: BrokerChoice): string | undefined {
  const kind = brokerNamed(choice.name);
  const { name, mqttVersions } = kind;
  if (!mqttVersions.includes(mode.mqtt)) return `${name} speaks MQTT ${mqttVersions.join(' and ')} only`;
  const ways: readonly Authentication[] = kind.authentications ?? [];
  if (mode.auth === 'none' || ways.includes(mode.auth)) return undefined;
  return ways.length === 0
    ? `${name} is given no means to check who a client is, so \`auth\` ${mode.auth} would not be checked`
    : `${name} is set up to check ${ways.filter((way) => way !== 'none').join(' and ')} only, not ${mode.auth}`;
}

/**
 * Where a broker cannot be connected to in a mode, behind each topology as its last hop would do it: it has no such
 * security, or it is not here.
 */
async function brokerLacks(
  mode: string,
  choice: BrokerChoice,
  topologies: readonly TopologyChoice[],
): Promise<Unsupported[]> {
  const kind = brokerNamed(choice.name);
  const lacks = topologies.map((topology) => {
    const { cannot, brokerMode } = boundTo(topology);
    const left = cannot(modeNamed(mode)) !== undefined;
    return { topology, reason: left ? undefined : kind.cannot(modeNamed(brokerMode(mode)), choice), left };
  });
  const [first] = lacks;
  if (first?.reason !== undefined && lacks.every(({ reason }) => reason === first.reason))
    return [{ mode, broker: choice.id, reason: first.reason }];
  const missing = lacks.some(({ reason, left }) => reason === undefined && !left)
    ? await kind.lack()
    : undefined;
  if (missing !== undefined) return [{ mode, broker: choice.id, reason: missing }];
  return lacks.flatMap(({ topology, reason }) =>
    reason === undefined ? [] : [{ mode, broker: choice.id, topology: topology.id, reason }],
  );
}

function boundTo(choice: TopologyChoice): {
  cannot: (mode: Mode) => string | undefined;
  brokerMode: (mode: string) => string;
} {
  const kind = topologyNamed(choice.name);
  return {
    cannot: (mode) => kind.cannot(mode, choice),
    brokerMode: (mode) => kind.brokerMode(mode, choice),
  };
}

async function unsupportedBecause(mode: Mode): Promise<string | undefined> {
  const { security, axes, context, clientRuntime } = mode;
  if (security === undefined) return undefined;
  try {
    // OpenSSL names groups and suites that it does not have. What other stacks lack is tried on them.
    if (clientRuntime === OWN_RUNTIME) createSecureContext(context);
  } catch (error) {
    return messageOf(error);
  }
  if (axes.key === undefined) return undefined;
  // What issues certificates takes long to load, and few scenarios name a key.
  const { unsupportedKey } = await import('../pki/unsupported.ts');
  return unsupportedKey(axes.key);
}
