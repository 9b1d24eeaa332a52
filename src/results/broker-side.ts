import { WIRE_INSTANTS, type WireInstant } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { median } from '../stats/median.ts';
import type { CellResult } from './schema.ts';

type BrokerSide = NonNullable<CellResult['brokerSide']>;

/**
 * Who told a cell's figures of the broker's side and, where both broker and wire did, the median of the broker's instant
 * minus the wire's for each: what the broker takes from the arrival of bytes until it stamps them.
 */
export function brokerSideOf(good: readonly Sample[], source: BrokerSide['source']): BrokerSide {
  if (source === 'wire') return { source };
  const differences = WIRE_INSTANTS.flatMap((name): [WireInstant, { count: number; p50Ms: number }][] => {
    const all = good.flatMap((sample) => differenceMs(sample, name) ?? []);
    return all.length === 0 ? [] : [[name, { count: all.length, p50Ms: median(all) }]];
  });
  return {
    source,
    ...(differences.length === 0 ? {} : { differences: Object.fromEntries(differences) }),
  };
}

/** How much later the broker stamped an instant than the wire showed it; undefined where either does not tell. */
function differenceMs(
  { milestonesMs, acceptedMs, wireMs = {} }: Sample,
  name: WireInstant,
): number | undefined {
  const wire = wireMs[name];
  const broker = {
    ...milestonesMs,
    accepted: acceptedMs,
    // The same event, before the broker has computed and after.
    handshakeAnswered: milestonesMs.serverHandshakeDone,
    // Of which no broker tells.
    firstFlight: undefined,
  }[name];
  return wire === undefined || broker === undefined ? undefined : broker - wire;
}
