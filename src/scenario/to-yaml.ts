import { stringify } from 'yaml';
import type { Direction, LinkSpec } from '../link/spec.ts';
import type { BrokerChoice, Scenario } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

/** A resolved scenario as a scenario file that loads to the same scenario again, whatever profiles and defaults become. */
export function toYaml(scenario: Scenario): string {
  const input: ScenarioInput = {
    name: scenario.name,
    question: scenario.question,
    modes: scenario.modes as ScenarioInput['modes'],
    links: scenario.links.map(linkInput),
    broker: scenario.brokers.map(brokerInput) as ScenarioInput['broker'],
    topology: scenario.topologies as ScenarioInput['topology'],
    workload: scenario.workloads,
    rounds: scenario.rounds,
    warmupRounds: scenario.warmupRounds,
    seed: scenario.seed,
    expect: scenario.expect,
  };
  return stringify(input, { lineWidth: 110 });
}

function linkInput({ id, up, down }: LinkSpec): Exclude<ScenarioInput['links'][number], string | null> {
  const each = <T>(pick: (way: Direction) => T): T | { up: T; down: T } =>
    pick(up) === pick(down) ? pick(up) : { up: pick(up), down: pick(down) };
  const rateKbit = rates(up.rateKbit, down.rateKbit);
  return {
    name: id,
    oneWayMs: each((way) => way.delayMs),
    jitterMs: each((way) => way.jitterMs),
    loss: each((way) => way.loss),
    ...(rateKbit === undefined ? {} : { rateKbit }),
  };
}

function rates(
  up: number | undefined,
  down: number | undefined,
): number | { up: number; down: number } | undefined {
  if (up === undefined && down === undefined) return undefined;
  if (up === undefined || down === undefined) {
    throw new RangeError(
      'Expected a rate in both directions of a link or in none: a scenario has no way to write one',
    );
  }
  return up === down ? up : { up, down };
}

function brokerInput({ name, port, noDelay }: BrokerChoice): {
  name: string;
  port?: number;
  noDelay: boolean;
} {
  return port === undefined ? { name, noDelay } : { name, port, noDelay };
}
