import { isDeepStrictEqual } from 'node:util';
import { isNullLink } from '../link/spec.ts';
import { MILESTONE_NAMES, type Milestone } from '../measure/milestones.ts';
import type { Sample } from '../measure/sample.ts';
import type { PathTheory } from '../model/hops.ts';
import { modeNamed } from '../modes/index.ts';
import { brokerSideOf } from '../results/broker-side.ts';
import {
  accountFor,
  handshakeBytes,
  milestoneDistributions,
  negotiatedLines,
  sortSamples,
  type Sorted,
} from '../results/cell.ts';
import { flightRows, sizedFlights } from '../results/flights.ts';
import { infer } from '../results/inference/infer.ts';
import { wakeOf } from '../results/wake.ts';
import { wireOf } from '../results/wire.ts';
import type { CellResult, LinkResult, Results } from '../results/schema.ts';
import { slopesOf } from '../results/slopes.ts';
import { pureDelayMs, timesOf, tripsOf, type HopContext } from '../results/trips.ts';
import type { Cell } from '../scenario/plan.ts';
import { RoundBootstrap } from '../stats/bootstrap.ts';
import type { WakeWorkload } from '../swarm/workloads/settings/wake.ts';
import { topologyNamed } from '../topology/index.ts';
import { accessResult, accessWaitsOf } from './access.ts';
import { theoryOf } from './refusals.ts';
import { stampsOf } from './broker-side.ts';
import type { FleetOutcome } from './phases/phase.ts';

/** What the figures of all cells are made of. */
export interface Measured {
  cells: readonly Cell[];
  samples: readonly Sample[];
  fleets: ReadonlyMap<number, FleetOutcome>;
  links: readonly LinkResult[];
  /** The TCP handshake was stood in for by the emulator. */
  modelledConnect: boolean;
  /** Of the scenario: the same seed draws the same resamples. */
  seed: number;
}

/** Turns samples into the results of each cell, the slopes over the links, and what each mode really did. */
export function summarise(measured: Measured): Pick<Results, 'cells' | 'slopes' | 'inferences'> {
  const samplesOf = Map.groupBy(measured.samples, ({ cell }) => cell);
  const sortedOf = new Map(measured.cells.map(({ id }) => [id, sortSamples(samplesOf.get(id) ?? [])]));
  const sorted = (id: string): Sorted => sortedOf.get(id) ?? sortSamples([]);
  const linkOf = (linkId: string): LinkResult | undefined => measured.links.find(({ id }) => id === linkId);
  const plain = new Map(
    measured.cells.map((cell) => [
      cell.index,
      cellResult(cell, sorted(cell.id), linkOf(cell.link.id), measured),
    ]),
  );
  // Trips are inferred against the null link of the same run, so they need all cells first.
  const cells = measured.cells.flatMap((cell) => {
    const result = plain.get(cell.index);
    if (result === undefined) return [];
    const over = measured.cells.find((other) => isNullTwin(other, cell));
    const twin = over && plain.get(over.index);
    const link = linkOf(cell.link.id);
    const { innerLink } = cell.topology;
    const innerDelays = innerLink === undefined || pureDelayMs(linkOf(innerLink.id)) !== undefined;
    const trips = tripsOf(result.milestones, {
      theory: theoryOf(cell),
      accessMs: accessWaitsOf(cell),
      link: timesOf(link),
      flights: sizedFlights(sorted(cell.id).good),
      pureDelay: pureDelayMs(link) !== undefined && innerDelays,
      overNull:
        over === undefined || twin === undefined
          ? undefined
          : { milestones: twin.milestones, link: timesOf(linkOf(over.link.id)) },
      hop: hopOf(cell, measured.cells, plain, linkOf),
    });
    return [{ ...result, trips }];
  });
  const rounds = measured.samples.flatMap(({ warmup, round }) => (warmup ? [] : [round]));
  const bootstrap = new RoundBootstrap(rounds, measured.seed);
  return {
    cells,
    slopes: slopesOf(cells, measured.links, { goodOf: ({ id }) => sorted(id).good, bootstrap }),
    inferences: infer(cells, measured.links, { attemptsOf: ({ id }) => sorted(id).attempts, bootstrap }),
  };
}

/** What is behind the hop of a cell, beside the cell that differs in the delay of that link alone. */
function hopOf(
  cell: Cell,
  cells: readonly Cell[],
  results: ReadonlyMap<number, CellResult>,
  linkOf: (id: string) => LinkResult | undefined,
): HopContext | undefined {
  const path = pathOf(cell);
  if (path === undefined) return undefined;
  const innerOf = ({ topology }: Cell): LinkResult | undefined =>
    topology.innerLink && linkOf(topology.innerLink.id);
  // The null link, where there is one, tells trips from compute best.
  const other = cells
    .filter((candidate) => isInnerTwin(candidate, cell) && pureDelayMs(innerOf(candidate)) !== undefined)
    .toSorted((a, b) => (pureDelayMs(innerOf(a)) ?? 0) - (pureDelayMs(innerOf(b)) ?? 0))[0];
  const twin = other && results.get(other.index);
  return {
    path,
    inner: timesOf(innerOf(cell)),
    overOther:
      other === undefined || twin === undefined
        ? undefined
        : { milestones: twin.milestones, inner: timesOf(innerOf(other)) },
  };
}

function pathOf({ mode, topology }: Cell): PathTheory | undefined {
  return topologyNamed(topology.name).path(modeNamed(mode), topology);
}

function cellResult(
  cell: Cell,
  sorted: Sorted,
  link: LinkResult | undefined,
  { fleets, modelledConnect, links }: Measured,
): CellResult {
  const fleet = fleets.get(cell.index);
  // What is sent hangs on no machine, so that it is told of disturbed samples too.
  const passed = sorted.attempts.filter(({ outcome }) => outcome.status === 'ok');
  const wire = wireOf(passed);
  const path = pathOf(cell);
  const { innerLink } = cell.topology;
  const inner = links.find(({ id }) => id === innerLink?.id);
  // Not every client's runtime counts what TLS adds.
  const bytes = handshakeBytes(passed) ?? bytesOf(wire);
  const access = accessResult(cell, sorted);
  const wake = cell.workload.kind === 'wake' ? wakeFigures(cell, cell.workload, sorted, link) : undefined;
  return {
    id: cell.id,
    mode: cell.mode,
    link: cell.link.id,
    broker: cell.broker.id,
    topology: cell.topology.id,
    workload: cell.workloadId,
    ...(path === undefined || innerLink === undefined
      ? {}
      : { path: { kind: path.kind, innerLink: innerLink.id } }),
    negotiated: fleet?.negotiated ?? negotiatedLines(sorted.attempts),
    samples: fleet?.samples ?? accountFor(sorted),
    ...milestoneDistributions(sorted.good, modelledMilestones(link, modelledConnect)),
    trips: {},
    flights:
      sorted.good.length === 0
        ? []
        : flightRows(
            sorted.good,
            theoryOf(cell),
            timesOf(link),
            modelledConnect,
            path && { path, inner: timesOf(inner) },
          ),
    ...(bytes === undefined ? {} : { bytes }),
    ...(wire === undefined ? {} : { wire }),
    ...(sorted.good.length === 0 ? {} : { brokerSide: brokerSideOf(sorted.good, stampsOf(cell)) }),
    ...fleet?.figures,
    ...(wake === undefined ? {} : { wake }),
    ...(access === undefined ? {} : { access }),
  };
}

function wakeFigures(
  { index, mode, link: { id } }: Cell,
  workload: WakeWorkload,
  { good }: Sorted,
  link: LinkResult | undefined,
): CellResult['wake'] {
  return wakeOf(good, { index, mode, link: id, workload, times: timesOf(link) });
}

function bytesOf(wire: CellResult['wire']): CellResult['bytes'] {
  return wire && { handshakeUp: wire.handshakeUp, handshakeDown: wire.handshakeDown };
}

/** A stand-in for TCP decides when anything arrives over a link that does more than delay. */
function modelledMilestones(link: LinkResult | undefined, modelledConnect: boolean): Set<Milestone> {
  const all = link !== undefined && link.modelled.length > 0 && pureDelayMs(link) === undefined;
  return new Set<Milestone>(all ? MILESTONE_NAMES : modelledConnect ? ['tcpConnected'] : []);
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

/** Cells of one link behind hops that differ in nothing but what lies between them and the broker. */
function isInnerTwin(candidate: Cell, cell: Cell): boolean {
  const { name, innerLink, options } = candidate.topology;
  return (
    candidate.link.id === cell.link.id &&
    candidate.mode === cell.mode &&
    candidate.broker === cell.broker &&
    candidate.workloadId === cell.workloadId &&
    name === cell.topology.name &&
    innerLink !== undefined &&
    innerLink.id !== cell.topology.innerLink?.id &&
    isDeepStrictEqual(options, cell.topology.options)
  );
}
