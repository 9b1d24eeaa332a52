import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import { median } from '../stats/median.ts';
import { isSingleKind } from '../swarm/workloads/settings/single.ts';
import { distributionOf } from './distribution.ts';
import { lineOf } from './negotiated-line.ts';
import type { CellResult, Distribution } from './schema.ts';

/** The kind of a cell's workload: its name without what tells it from others of its kind. */
export function workloadKindOf({ workload }: Pick<CellResult, 'workload'>): string {
  return /^[a-z]+/.exec(workload)?.[0] ?? workload;
}

/** Whether a cell is one of single connections, of which trips, bytes and milestones tell. */
export function isSingle(cell: CellResult): boolean {
  return isSingleKind(workloadKindOf(cell));
}

/** Samples of one cell, sorted by what may be said of them. */
export interface Sorted {
  warmup: number;
  /** All attempts that count. */
  attempts: Sample[];
  /** Good and undisturbed: what every figure is made of. */
  good: Sample[];
}

/** Sets warm-up attempts aside, and the failed, excluded and tainted ones out of the figures. */
export function sortSamples(samples: readonly Sample[]): Sorted {
  const attempts = samples.filter((sample) => !sample.warmup);
  return {
    warmup: samples.length - attempts.length,
    attempts,
    good: attempts.filter((sample) => sample.outcome.status === 'ok' && sample.tainted.length === 0),
  };
}

/** Counts what became of a cell's attempts. */
export function accountFor({ attempts, warmup }: Sorted): CellResult['samples'] {
  const reasons: Record<string, number> = {};
  const count = (reason: string): void => {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  };
  const by = { ok: 0, failed: 0, excluded: 0 };
  let tainted = 0;
  for (const { outcome, tainted: taints } of attempts) {
    by[outcome.status]++;
    if (outcome.status !== 'ok') count(outcome.reason);
    else if (taints.length > 0) tainted++;
    for (const taint of taints) count(taint);
  }
  const again = attempts.flatMap(({ retransmitted }) => retransmitted ?? []);
  const retransmitted = {
    attempts: again.filter((segments) => segments > 0).length,
    segments: again.reduce((sum, segments) => sum + segments, 0),
  };
  return {
    attempted: attempts.length,
    ...by,
    tainted,
    warmup,
    ...(again.length === 0 ? {} : { retransmitted }),
    reasons,
  };
}

/** The distribution of each milestone, from the intended start and from the real one (service time). */
export function milestoneDistributions(
  good: readonly Sample[],
  modelled: ReadonlySet<Milestone>,
): Pick<CellResult, 'milestones' | 'service'> {
  const describe = (valueOf: (ms: number, sample: Sample) => number): CellResult['milestones'] =>
    Object.fromEntries(
      MILESTONE_NAMES.flatMap((name): [Milestone, Distribution][] => {
        const values = good.flatMap((sample) => {
          const ms = sample.milestonesMs[name];
          return ms === undefined ? [] : [valueOf(ms, sample)];
        });
        const distribution = distributionOf(values, modelled.has(name) ? 'modelled' : 'measured');
        return distribution === undefined ? [] : [[name, distribution]];
      }),
    );
  return {
    milestones: describe((ms) => ms),
    service: describe((ms, { startLateMs }) => ms - startLateMs),
  };
}

/** What both ends agreed on, counted; a healthy cell has one line. */
export function negotiatedLines(samples: readonly Sample[]): Record<string, number> {
  const lines: Record<string, number> = {};
  const add = (line: string): void => {
    lines[line] = (lines[line] ?? 0) + 1;
  };
  for (const { negotiated, outcome, milestonesMs } of samples) {
    if (outcome.status === 'failed' || negotiated.client === undefined) continue;
    if (milestonesMs.refused !== undefined) {
      if (milestonesMs.tcpConnected === undefined) {
        add('no connection: the port is closed');
        continue;
      }
      const { refusal } = negotiated.client;
      // What TLS refuses by differs with who notices first: an alert, or the end of the connection.
      const said = refusal === undefined || milestonesMs.connectReceived === undefined ? '' : `: ${refusal}`;
      add(`refused by the broker${said}`);
      continue;
    }
    add(lineOf(negotiated.client, negotiated.broker?.peerName !== undefined));
  }
  return lines;
}

/** Median bytes of the handshake in each direction; undefined where there was none. */
export function handshakeBytes(passed: readonly Sample[]): CellResult['bytes'] {
  const all = passed.flatMap(({ bytes }) => bytes ?? []);
  if (all.length === 0) return undefined;
  return {
    handshakeUp: median(all.map(({ handshakeUp }) => handshakeUp)),
    handshakeDown: median(all.map(({ handshakeDown }) => handshakeDown)),
  };
}
