import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { BrokerChoice } from '../broker/broker.ts';
import { brokerNamed } from '../broker/index.ts';
import type { LinkSpec } from '../link/spec.ts';
import type { TopologyChoice } from '../topology/topology.ts';
import { brokerId } from './broker.ts';
import { modeInput } from './modes.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

/** A resolved scenario as a scenario file that loads to the same scenario again, whatever profiles and defaults become. */
export function toYaml(scenario: Scenario): string {
  const input: ScenarioInput = {
    name: scenario.name,
    question: scenario.question,
    modes: scenario.modes.map(modeInput),
    links: scenario.links.map(linkInput),
    broker: scenario.brokers.map(brokerInput) as ScenarioInput['broker'],
    topology: scenario.topologies.map(topologyInput) as ScenarioInput['topology'],
    workload: scenario.workloads,
    rounds: scenario.rounds,
    warmupRounds: scenario.warmupRounds,
    seed: scenario.seed,
    expect: scenario.expect,
  };
  return stringify(input, { lineWidth: 110 });
}

/** A link as `links` of a scenario spells it out. Throws a RangeError for one that no scenario could have written. */
export function linkInput({
  id,
  up,
  down,
}: LinkSpec): Exclude<ScenarioInput['links'][number], string | null> {
  /** What a link does not have is not written: `loss: 0` beside `burstLoss` would be two models. */
  const share = (name: 'jitterMs' | 'loss' | 'reorder' | 'duplicate'): Record<string, unknown> => {
    const [there, back] = [up[name] ?? 0, down[name] ?? 0];
    return there + back === 0 ? {} : { [name]: bothWays(there, back) };
  };
  const { jitterDistribution } = up;
  return {
    name: id,
    oneWayMs: bothWays(up.delayMs, down.delayMs),
    ...share('jitterMs'),
    ...(jitterDistribution === undefined ? {} : { jitterDistribution }),
    ...share('loss'),
    ...inBothOrNone('burstLoss', up.burstLoss, down.burstLoss),
    ...inBothOrNone('rateKbit', up.rateKbit, down.rateKbit),
    ...share('reorder'),
    ...share('duplicate'),
  };
}

function inBothOrNone<T>(name: string, up: T | undefined, down: T | undefined): Record<string, unknown> {
  if (up === undefined && down === undefined) return {};
  if (up === undefined || down === undefined) {
    throw new RangeError(
      `Expected \`${name}\` in both directions of a link or in none: a scenario has no way to write one`,
    );
  }
  return { [name]: bothWays(up, down) };
}

function bothWays<T>(up: T, down: T): T | { up: T; down: T } {
  return isDeepStrictEqual(up, down) ? up : { up, down };
}

function brokerInput({ id, name, port, noDelay, runtime, options }: BrokerChoice): Record<string, unknown> {
  return {
    name,
    // What the other keys amount to need not be said twice.
    ...(id === brokerId({ name, noDelay, runtime, ...options }) ? {} : { label: id }),
    ...(port === undefined ? {} : { port }),
    ...(brokerNamed(name).elsewhere === true ? {} : { noDelay }),
    ...('runtime' in brokerNamed(name).shape ? { runtime } : {}),
    ...options,
  };
}

function topologyInput({ id, name, innerLink, options }: TopologyChoice): string | Record<string, unknown> {
  if (innerLink === undefined && id === name && Object.keys(options).length === 0) return name;
  return {
    name,
    ...(id === name ? {} : { label: id }),
    ...(innerLink === undefined ? {} : { innerLink: linkInput(innerLink) }),
    ...options,
  };
}
