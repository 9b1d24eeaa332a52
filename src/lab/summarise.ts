import { isNullLink } from '../link/spec.ts';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import type { OneWayDelays } from '../model/predict.ts';
import { modeNamed } from '../modes/index.ts';
import {
  accountFor,
  handshakeBytes,
  milestoneDistributions,
  negotiatedLines,
  sortSamples,
} from '../results/cell.ts';
import { flightRows } from '../results/flights.ts';
import { wireOf } from '../results/wire.ts';
import type { CellResult, LinkResult, Throughput } from '../results/schema.ts';
import { pureDelayMs, slopesOf, tripsOf } from '../results/trips.ts';
import type { Cell } from '../scenario/plan.ts';

/** What the figures of all cells are made of. */
export interface Measured {
  cells: readonly Cell[];
  samples: readonly Sample[];
  throughput: ReadonlyMap<number, Throughput>;
  links: readonly LinkResult[];
  /** The TCP handshake was stood in for by the emulator. */
  modelledConnect: boolean;
}

/** Turns samples into the results of each cell and the slopes over the links. */
export function summarise(measured: Measured): { cells: CellResult[]; slopes: ReturnType<typeof slopesOf> } {
  const samplesOf = Map.groupBy(measured.samples, ({ cell }) => cell);
  const linkOf = (linkId: string): LinkResult | undefined => measured.links.find(({ id }) => id === linkId);
  const delays = (linkId: string): OneWayDelays => linkOf(linkId)?.trip ?? { upMs: 0, downMs: 0 };
  const plain = new Map(
    measured.cells.map((cell) => [
      cell.index,
      cellResult(cell, samplesOf.get(cell.id) ?? [], measured, delays),
    ]),
  );
  // Trips are inferred against the null link of the same run, so they need all cells first.
  const cells = measured.cells.flatMap((cell) => {
    const result = plain.get(cell.index);
    if (result === undefined) return [];
    const over = measured.cells.find((other) => isNullTwin(other, cell));
    const twin = over && plain.get(over.index);
    const trips = tripsOf(result.milestones, {
      theory: modeNamed(cell.mode).theory,
      link: delays(cell.link.id),
      flights: result.flights.map(({ from, bytes }) => ({ from, bytes })),
      pureDelay: pureDelayMs(linkOf(cell.link.id)) !== undefined,
      overNull:
        over === undefined || twin === undefined
          ? undefined
          : { milestones: twin.milestones, link: delays(over.link.id) },
    });
    return [{ ...result, trips }];
  });
  return { cells, slopes: slopesOf(cells, measured.links) };
}

function cellResult(
  cell: Cell,
  samples: readonly Sample[],
  { throughput, modelledConnect, links }: Measured,
  delays: (linkId: string) => OneWayDelays,
): CellResult {
  const sorted = sortSamples(samples);
  const flow = throughput.get(cell.index);
  const wire = wireOf(sorted.good);
  // Not every client's runtime counts what TLS adds.
  const bytes = handshakeBytes(sorted.good) ?? bytesOf(wire);
  return {
    id: cell.id,
    mode: cell.mode,
    link: cell.link.id,
    broker: cell.broker.id,
    topology: cell.topology,
    workload: cell.workloadId,
    negotiated: negotiatedLines(sorted.attempts),
    samples: flow === undefined ? accountFor(sorted) : deliveries(flow),
    ...milestoneDistributions(
      sorted.good,
      modelledMilestones(
        links.find(({ id }) => id === cell.link.id),
        modelledConnect,
      ),
    ),
    trips: {},
    flights:
      sorted.good.length === 0
        ? []
        : flightRows(sorted.good, modeNamed(cell.mode).theory, delays(cell.link.id), modelledConnect),
    ...(bytes === undefined ? {} : { bytes }),
    ...(wire === undefined ? {} : { wire }),
    ...(flow === undefined ? {} : { throughput: flow }),
  };
}

function bytesOf(wire: CellResult['wire']): CellResult['bytes'] {
  return wire && { handshakeUp: wire.handshakeUp, handshakeDown: wire.handshakeDown };
}

/** A stand-in for TCP decides when anything arrives over a link that does more than delay. */
function modelledMilestones(link: LinkResult | undefined, modelledConnect: boolean): Set<Milestone> {
  const all = link !== undefined && link.modelled.length > 0 && pureDelayMs(link) === undefined;
  return new Set<Milestone>(all ? MILESTONE_NAMES : modelledConnect ? ['tcpConnected'] : []);
}

/** In a pubsub cell an attempt is a delivery: each message to each subscriber. */
function deliveries({ sent, subscribers, received, lost }: Throughput): CellResult['samples'] {
  return {
    attempted: sent * subscribers,
    ok: received,
    failed: Math.max(0, lost),
    excluded: 0,
    tainted: 0,
    warmup: 0,
    reasons: lost > 0 ? { lost } : {},
  };
}

function isNullTwin(candidate: Cell, cell: Cell): boolean {
  return (
    isNullLink(candidate.link) &&
    candidate.link.id !== cell.link.id &&
    candidate.mode === cell.mode &&
    candidate.broker === cell.broker &&
    candidate.topology === cell.topology &&
    candidate.workloadId === cell.workloadId
  );
}
